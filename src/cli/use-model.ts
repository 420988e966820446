import type { Split } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Message } from "../host/job.ts";
import type { TrainConfig } from "../train/config.ts";
import type { ExamplesJob, SampleJob } from "../train/messages.ts";
import { layerAt, parseValue, resolveConfig } from "../train/resolve.ts";
import { loadData } from "./data.ts";
import type { SavedModel } from "./saved-model.ts";
import type { Services } from "./services.ts";

/** Flags of the commands that use a trained model. */
export interface ModelOptions {
  readonly host?: string;
  readonly data?: string;
  readonly dataDir?: string;
}

/** The config that a model is used with: its own, but for what the flags say of data and host. Other data are taken whole. */
export function configWith(config: TrainConfig, { data, dataDir, host }: ModelOptions): TrainConfig {
  const flags = [
    ...(data === undefined
      ? []
      : [{ source: "--data", values: { data: { name: data, trainCount: null, testCount: null } } }]),
    ...(dataDir === undefined ? [] : [layerAt(["data", "directory"], dataDir, "--data-dir")]),
    ...(host === undefined ? [] : [layerAt(["host"], host, "--host")]),
  ];
  return resolveConfig({ file: { source: "the model's config", values: config }, flags });
}

/** The first `count` test examples (null: all) of the data that `configWith` settled on. */
export async function loadExamples(
  { shape, path }: SavedModel,
  data: TrainConfig["data"],
  count: number | null,
  services: Services,
): Promise<{ name: string; test: Split }> {
  // Training examples are not asked for: digits then need not be drawn.
  const dataset = await loadData({ ...data, trainCount: 1 }, services);
  if (dataset.shape.join() !== shape.join()) {
    const sizes = `${dataset.shape.join("x")}, but ${path} was trained on ${shape.join("x")}`;
    throw new ReparamError("data", `Examples of ${dataset.name} are ${sizes}.`);
  }
  const taken = Math.min(count ?? dataset.test.count, dataset.test.count);
  const bytes = shape.reduce((product, size) => product * size, 1);
  const { examples, labels } = dataset.test;
  return {
    name: dataset.name,
    test: { count: taken, examples: examples.subarray(0, taken * bytes), labels: labels?.subarray(0, taken) },
  };
}

/** Opens a host, runs one job there, and returns the one message that it answers with. */
export async function ask(
  body: SampleJob | ExamplesJob,
  blobs: Record<string, Uint8Array>,
  { openHost, terminal }: Services,
): Promise<Message> {
  const host = await openHost(body.config.host, (line) => terminal.stderr.write(`${line}\n`));
  try {
    let answer: Message | undefined;
    await host.run({ body, blobs }, (message) => {
      answer = message;
    });
    if (!answer) throw new ReparamError("device", "The job ended without an answer: the browser may have died.");
    return answer;
  } finally {
    await host.close();
  }
}

/** A flag's whole number. Throws ReparamError "usage". */
export function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = parseValue(text);
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw new ReparamError("usage", `${flag} must be a whole number from ${min} to ${max}, but it is "${text}".`);
}

/** Checks before a browser starts that `--out` names a file of that kind. */
export function checkOut(out: string, extension: string): void {
  if (out.toLowerCase().endsWith(extension)) return;
  throw new ReparamError("usage", `--out must name a ${extension} file, but it is "${out}".`);
}
