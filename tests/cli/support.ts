import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Services } from "../../src/cli/services.ts";
import type { Output, Terminal } from "../../src/cli/terminal.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/formats/safetensors.ts";
import type { Host, Message } from "../../src/host/job.ts";
import type { ExamplesJob, JobBody, TrainEvent, TrainJob } from "../../src/train/messages.ts";

/** A folder of its own, entered for the test. */
export async function enterTemporaryFolder(): Promise<void> {
  process.chdir(await fs.mkdtemp(join(tmpdir(), "reparam-cli-")));
}

export async function leaveTemporaryFolder(): Promise<void> {
  const folder = process.cwd();
  process.chdir(tmpdir());
  await fs.rm(folder, { recursive: true });
}

export interface FakeTerminal extends Terminal {
  readonly out: () => string;
  readonly err: () => string;
}

export function fakeTerminal({ interactive = false, columns = 80 } = {}): FakeTerminal {
  const texts = { out: "", err: "" };
  const output = (name: "out" | "err"): Output => ({
    isTTY: interactive,
    columns,
    write: (text) => {
      texts[name] += text;
    },
  });
  return {
    stdout: output("out"),
    stderr: output("err"),
    interactive,
    colors: false,
    out: () => texts.out,
    err: () => texts.err,
  };
}

/** Twelve training and five test examples of 2x2, labelled. */
export const tinyData: Dataset = {
  name: "tiny",
  shape: [2, 2, 1],
  train: { count: 12, examples: Uint8Array.from({ length: 48 }, (_, i) => i * 5), labels: new Uint8Array(12) },
  test: { count: 5, examples: new Uint8Array(20).fill(255), labels: Uint8Array.of(0, 1, 2, 3, 4) },
};

type Emit = (event: TrainEvent, blobs?: Message["blobs"]) => Promise<void>;

/** What a test may do in the middle of a fake training: throw, abort, wait. Called before every step. */
export type BeforeStep = (step: number) => void | Promise<void>;

export interface FakeServices extends Services {
  readonly terminal: FakeTerminal;
  readonly jobs: Message[];
  readonly opened: string[];
}

export function fakeServices(
  options: { terminal?: FakeTerminal; beforeStep?: BeforeStep; open?: () => void } = {},
): FakeServices {
  const jobs: Message[] = [];
  const opened: string[] = [];
  return {
    terminal: options.terminal ?? fakeTerminal(),
    jobs,
    opened,
    loadDataset: async () => tinyData,
    openHost: async (kind) => {
      options.open?.();
      opened.push(kind);
      return fakeHost(kind, jobs, options.beforeStep ?? (() => {}));
    },
  };
}

/** A host whose jobs answer as the real one does, with made-up numbers that depend on the step only. */
function fakeHost(kind: Host["kind"], jobs: Message[], beforeStep: BeforeStep): Host {
  return {
    kind,
    version: "0",
    close: async () => {},
    async run(job, receive, signal = new AbortController().signal) {
      jobs.push(job);
      const emit = async (event: object, blobs?: Message["blobs"]) => {
        await receive({ body: event as Message["body"], blobs });
      };
      const body = job.body as unknown as JobBody;
      if (body.kind === "train") await fakeTraining(body, job.blobs ?? {}, emit as Emit, beforeStep, signal);
      else if (body.kind === "sample") await emit({ event: "samples" }, { samples: ones(body.count * 4) });
      else await fakeAnswer(body, emit);
    },
  };
}

async function fakeAnswer(body: ExamplesJob, emit: (event: object, blobs?: Message["blobs"]) => Promise<void>) {
  const { count } = body.dataset;
  const { latent } = body.config.model;
  if (body.kind === "encode") await emit({ event: "codes", latent }, { codes: ones(count * latent) });
  if (body.kind === "reconstruct") await emit({ event: "reconstructions" }, { reconstructions: ones(count * 4) });
  if (body.kind === "evaluate") await emit({ event: "evaluation", ...lossesAt(1) });
}

async function fakeTraining(
  { config, dataset, resume, printPlan }: TrainJob,
  blobs: NonNullable<Message["blobs"]>,
  emit: Emit,
  beforeStep: BeforeStep,
  signal: AbortSignal,
): Promise<void> {
  const { epochs, batchSize, maxSteps } = config.training;
  const stepsPerEpoch = Math.ceil(dataset.trainCount / batchSize);
  const totalSteps = Math.min(epochs * stepsPerEpoch, maxSteps ?? Number.POSITIVE_INFINITY);
  const checkpoint = (step: number) => ({ checkpoint: fakeCheckpoint(config, dataset.shape, step) });
  let step = resume ? Number(decodeSafetensors(blobs.checkpoint, "checkpoint").metadata.step) : 0;
  const epochOf = (at: number) => Math.ceil(at / stepsPerEpoch);
  await emit({
    event: "start",
    adapter: { vendor: "nobody", architecture: "", device: "", description: "a fake", fallback: true },
    parameters: 1234,
    peakBytes: 5678,
    totalSteps,
    stepsPerEpoch,
    step,
    environment: { variants: ["none"] },
    plan: printPlan ? "kernel  variant\nmatmul  register" : undefined,
  });
  if (printPlan) return emit({ event: "end", status: "ok", step, epoch: 0 });
  while (step < totalSteps) {
    await beforeStep(step);
    if (signal.aborted) {
      return emit({ event: "end", status: "interrupted", step, epoch: epochOf(step) }, checkpoint(step));
    }
    step++;
    const epoch = epochOf(step);
    await emit({ event: "progress", step, totalSteps, epoch, loss: 100 / step, stepsPerSecond: 10, secondsLeft: 1 });
    if (step % stepsPerEpoch !== 0 && step < totalSteps) continue;
    const times = { seconds: Math.random(), stepsPerSecond: 10 + Math.random() };
    const [train, test] = [lossesAt(step), lossesAt(step + 0.5)];
    await emit({ event: "epoch", epoch, step, train, test, steps: stepsPerEpoch, ...times, best: true });
    await emit({ event: "checkpoint", step, epoch, best: true }, checkpoint(step));
  }
  const { shape } = dataset;
  const pictures = {
    samples: ones(16),
    originals: ones(8),
    reconstructions: ones(8),
    codes: ones(3 * config.model.latent),
  };
  const manifold = config.model.latent === 2 ? { xs: [-1, 1], ys: [1, -1] } : undefined;
  await emit(
    { event: "pictures", shape, latent: config.model.latent, manifold },
    { ...pictures, codeLabels: Uint8Array.of(1, 2, 3), ...(manifold && { manifold: ones(16) }) },
  );
  await emit({ event: "end", status: "ok", step, epoch: epochOf(step) }, checkpoint(step));
}

const lossesAt = (step: number) => ({ loss: 100 / step, reconstruction: 80 / step, kl: 20 / step });

const ones = (count: number) => new Uint8Array(new Float32Array(count).fill(1).buffer);

/** A checkpoint as the job would write it, with no weights in it. */
export function fakeCheckpoint(config: TrainJob["config"], shape: readonly number[], step: number): Uint8Array {
  const { host: _host, ...kept } = { ...config, data: { ...config.data, directory: null } };
  const metadata = { config: JSON.stringify(kept), shape: JSON.stringify(shape), step: String(step) };
  return encodeSafetensors({ weight: { dtype: "F32", shape: [1], data: new Float32Array([step]) } }, metadata);
}

export const neverInterrupted = new AbortController().signal;

/** Every file below a folder, with `/` between the parts, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).toSorted();
}
