import type { RunConfig } from "../config/config.ts";
import { layerAt, parseValue, resolveConfig } from "../config/resolve.ts";
import { type Dataset, type FieldValues, fieldSize, type Split } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Host, Message } from "../host/job.ts";
import type { EvaluateJob, UseJob } from "../jobs/messages.ts";
import { bytesOf, valuesIn } from "../jobs/send.ts";
import { loadData, rowsOf } from "./data.ts";
import type { SavedModel } from "./saved-model.ts";
import type { Services } from "./services.ts";

/** Flags of the commands that use a trained model. */
export interface ModelOptions {
  readonly host?: string;
  readonly data?: string;
  readonly dataDir?: string;
  readonly split?: string;
  readonly best?: boolean;
}

/** The config that a model is used with: its own, but for what the flags say of data and host. Other data are taken whole. */
export function configWith(config: RunConfig, { data, dataDir, host }: ModelOptions): RunConfig {
  const flags = [
    ...(data === undefined
      ? []
      : [{ source: "--data", values: { data: { name: data, trainCount: null, testCount: null } } }]),
    ...(dataDir === undefined ? [] : [layerAt(["data", "directory"], dataDir, "--data-dir")]),
    ...(host === undefined ? [] : [layerAt(["host"], host, "--host")]),
  ];
  return resolveConfig({ file: { source: "the model's config", values: config }, flags });
}

export const splits = ["test", "train", "all"] as const;

/** The first `count` examples (null: all) of a split of the data that `configWith` settled on, in the file's order. */
export async function loadExamples(
  { fields, path }: SavedModel,
  data: RunConfig["data"],
  { split = "test", count }: { readonly split?: string; readonly count: number | null },
  services: Services,
): Promise<{ name: string; examples: Split }> {
  if (!splits.some((known) => known === split)) {
    throw new ReparamError("usage", `--split must be one of ${splits.join(", ")}, but it is "${split}".`);
  }
  // Training examples that nobody asked for are not made: digits are drawn one by one.
  const dataset = await loadData(split === "test" ? { ...data, trainCount: 1 } : data, services);
  for (const [name, { shape }] of Object.entries(fields)) {
    const found = dataset.fields[name];
    if (!found)
      throw new ReparamError("data", `${path} reads the field "${name}", and ${dataset.name} has none of that name.`);
    if (found.shape.join() !== shape.join()) {
      const sizes = `${found.shape.join("x")}, but ${path} was trained on ${shape.join("x")}`;
      throw new ReparamError("data", `Examples of ${dataset.name} are ${sizes}.`);
    }
  }
  const { train, test } = dataset;
  const all = split === "all" ? joined(dataset) : split === "train" ? train : test;
  return { name: dataset.name, examples: rowsOf(dataset.fields, all, 0, Math.min(count ?? all.count, all.count)) };
}

function joined({ train, test }: Dataset): Split {
  const values = Object.entries(train.values).map(([name, first]) => {
    const second = test.values[name];
    const both = new (first.constructor as new (length: number) => FieldValues)(first.length + second.length);
    both.set(first);
    both.set(second, first.length);
    return [name, both] as const;
  });
  return { count: train.count + test.count, values: Object.fromEntries(values) };
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

/** Runs a use on a host: values [count, ...to.shape]. */
export async function askUse(
  host: Host,
  { model, fields, bytes }: SavedModel,
  request: Omit<UseJob, "kind" | "fields">,
  inputs: Readonly<Record<string, FieldValues>>,
): Promise<Float32Array<ArrayBuffer>> {
  const blobs = Object.entries(inputs).map(([name, values]) => [`input ${name}`, bytesOf(values)] as const);
  const answer = await ask(
    host,
    { kind: "use", fields, ...request },
    { ...Object.fromEntries(blobs), checkpoint: bytes },
  );
  const { to } = model.uses[request.use];
  const result = answer.blobs?.result;
  if (result?.byteLength !== 4 * request.count * fieldSize(to)) throw new Error("the job sent no usable result");
  return valuesIn(result.slice(), { store: "f32" }) as Float32Array<ArrayBuffer>;
}

/** A flag's whole number. Throws ReparamError "usage". */
export function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = parseValue(text);
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw new ReparamError("usage", `${flag} must be a whole number from ${min} to ${max}, but it is "${text}".`);
}

/** The ending of the file that `--out` names. Throws ReparamError "usage" for one that cannot be written. */
export function extensionOf(out: string, allowed: readonly string[]): string {
  const found = allowed.find((extension) => out.toLowerCase().endsWith(extension));
  if (found) return found;
  throw new ReparamError("usage", `--out must name a ${allowed.join(" or ")} file, but it is "${out}".`);
}
