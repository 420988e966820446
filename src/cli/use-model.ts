import type { RunConfig } from "../config/config.ts";
import { layerAt, resolveConfig } from "../config/resolve.ts";
import { fieldSize } from "../data/dataset.ts";
import { drawnConstraints } from "../data/drawn-options.ts";
import { ReparamError } from "../errors.ts";
import type { Host, Message } from "../host/job.ts";
import type { EvaluateJob, UseJob } from "../jobs/messages.ts";
import { bytesOf, valuesIn } from "../jobs/send.ts";
import type { SavedModel } from "./saved-model.ts";
import type { Services } from "./services.ts";
import type { Rows } from "./use-rows.ts";

/** Flags of the commands that use a trained model. */
export interface ModelOptions {
  readonly host?: string;
  readonly data?: string;
  readonly dataDir?: string;
  readonly split?: string;
  readonly best?: boolean;
  /** A config file that says what model a file of weights holds. */
  readonly config?: string;
}

/**
 * The config that a model is used with: its own, but for what the flags say of data and host. Other data are taken whole, and
 * what was said of how its own were drawn is not said of them.
 */
export function configWith({ data: own, ...rest }: RunConfig, { data, dataDir, host }: ModelOptions): RunConfig {
  const flags = [
    ...(data === undefined
      ? []
      : [{ source: "--data", values: { data: { name: data, trainCount: null, testCount: null, trainClass: null } } }]),
    ...(dataDir === undefined ? [] : [layerAt(["data", "directory"], dataDir, "--data-dir")]),
    ...(host === undefined ? [] : [layerAt(["host"], host, "--host")]),
  ];
  const kept = Object.entries(own).filter(([key]) => !Object.hasOwn(drawnConstraints, key));
  const values = { ...rest, data: data === undefined || data === own.name ? own : Object.fromEntries(kept) };
  return resolveConfig({ file: { source: "the model's config", values }, flags });
}

/** Opens a host for the time of a call. */
export async function withHost<T>(
  config: RunConfig,
  { openHost, terminal }: Services,
  call: (host: Host) => Promise<T>,
): Promise<T> {
  const host = await openHost(config.host, (line) => terminal.stderr.write(`${line}\n`));
  try {
    return await call(host);
  } finally {
    await host.close();
  }
}

/** Runs one job and returns the one message that it answers with. */
export async function ask(host: Host, body: UseJob | EvaluateJob, blobs: Record<string, Uint8Array>): Promise<Message> {
  let answer: Message | undefined;
  await host.run({ body: body as unknown as Message["body"], blobs }, (message) => {
    answer = message;
  });
  if (!answer) throw new ReparamError("device", "The job ended without an answer: the browser may have died.");
  return answer;
}

/** Runs a use on rows: values [count, ...to.shape]. */
export async function askUse(
  host: Host,
  { model, bytes }: SavedModel,
  request: Omit<UseJob, "kind" | "fields" | "count">,
  { count, fields, inputs }: Omit<Rows, "what">,
): Promise<Float32Array<ArrayBuffer>> {
  const { from, to } = model.uses[request.use];
  const blobs = Object.keys(from).map((name) => [`input ${name}`, bytesOf(inputs[name])] as const);
  const body = { kind: "use", fields, count, ...request } as const;
  const answer = await ask(host, body, { ...Object.fromEntries(blobs), checkpoint: bytes });
  const result = answer.blobs?.result;
  if (result?.byteLength !== 4 * count * fieldSize(to)) throw new Error("the job sent no usable result");
  return valuesIn(result.slice(), { store: "f32" }) as Float32Array<ArrayBuffer>;
}
