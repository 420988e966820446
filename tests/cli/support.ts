import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { Services } from "../../src/cli/services.ts";
import type { Output, Terminal } from "../../src/cli/terminal.ts";
import { buildModel } from "../../src/config/config.ts";
import { type ConfigLayers, resolveConfig } from "../../src/config/resolve.ts";
import { type Dataset, fieldSize, labels, pixels } from "../../src/data/dataset.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { encodeSafetensors } from "../../src/formats/safetensors.ts";
import type { Host, Message } from "../../src/host/job.ts";
import type { JobBody, TrainEvent, TrainJob } from "../../src/jobs/messages.ts";
import { valuesIn } from "../../src/jobs/send.ts";
import { drawExamples } from "../../src/report/drawers/samples.ts";

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
  fields: { x: pixels([2, 2, 1]), label: labels(5) },
  train: {
    count: 12,
    values: { x: Uint8Array.from({ length: 48 }, (_, i) => i * 5), label: new Uint8Array(12) },
  },
  test: { count: 5, values: { x: new Uint8Array(20).fill(255), label: Uint8Array.of(0, 1, 2, 3, 4) } },
};

/** How many training examples a checkpoint's run had. */
const TRAINED_ON = tinyData.train.count;

type Emit = (event: TrainEvent, blobs?: Message["blobs"]) => Promise<void>;

/** What a test may do in the middle of a fake training: throw, abort, wait. Called before every step. */
export type BeforeStep = (step: number) => void | Promise<void>;

/** What uses answer with, by their names, for so many rows; ones where nothing is said. */
type Results = Readonly<Record<string, (count: number) => Float32Array>>;

export interface FakeServices extends Services {
  readonly terminal: FakeTerminal;
  readonly jobs: Message[];
  readonly opened: string[];
}

export function fakeServices(
  options: {
    terminal?: FakeTerminal;
    beforeStep?: BeforeStep;
    open?: () => void;
    data?: Dataset;
    results?: Results;
  } = {},
): FakeServices {
  const jobs: Message[] = [];
  const opened: string[] = [];
  return {
    terminal: options.terminal ?? fakeTerminal(),
    jobs,
    opened,
    loadDataset: async () => options.data ?? tinyData,
    openHost: async (kind) => {
      options.open?.();
      opened.push(kind);
      return fakeHost(kind, jobs, options.beforeStep ?? (() => {}), options.results ?? {});
    },
  };
}

/** A host whose jobs answer as the real one does, with made-up numbers that depend on the step only. */
function fakeHost(kind: Host["kind"], jobs: Message[], beforeStep: BeforeStep, results: Results): Host {
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
      else await fakeAnswer(body, job.blobs ?? {}, emit, results);
    },
  };
}

async function fakeAnswer(
  body: Exclude<JobBody, TrainJob>,
  blobs: NonNullable<Message["blobs"]>,
  emit: (event: object, blobs?: Message["blobs"]) => Promise<void>,
  results: Results,
) {
  if (body.kind === "plan") {
    const { stages } = buildModel(body.config.model, body);
    await emit({
      event: "plan",
      stages: stages.map(({ name }) => ({ name, plan: "kernel  variant\nmatmul  register" })),
    });
  }
  if (body.kind === "evaluate") {
    const terms = Object.keys(units);
    const each = Float32Array.from({ length: body.count * terms.length }, (_, k) => k / 2);
    const likely = body.samples && { logLikelihood: { mean: -90, samples: body.samples } };
    await emit(
      { event: "evaluation", test: lossesAt(1), units, measures, ...(body.perExample && { terms }), ...likely },
      body.perExample ? { terms: new Uint8Array(each.buffer) } : undefined,
    );
  }
  if (body.kind === "use") {
    const made = { fields: body.fields, count: TRAINED_ON };
    const { from, to } = buildModel(body.config.model, made).uses[body.use];
    for (const [name, field] of Object.entries(from)) {
      expect(valuesIn(blobs[`input ${name}`], field)).toHaveLength(body.count * fieldSize(field));
    }
    const given = results[body.use]?.(body.count);
    const result = given ? new Uint8Array(given.slice().buffer) : ones(body.count * fieldSize(to));
    await emit({ event: "result", shape: [body.count, ...to.shape] }, { result });
  }
}

async function fakeTraining(
  { config, dataset, resume }: TrainJob,
  blobs: NonNullable<Message["blobs"]>,
  emit: Emit,
  beforeStep: BeforeStep,
  signal: AbortSignal,
): Promise<void> {
  const { epochs, batchSize, maxSteps } = config.training;
  const stepsPerEpoch = Math.ceil(dataset.trainCount / batchSize);
  const totalSteps = Math.min(epochs * stepsPerEpoch, maxSteps ?? Number.POSITIVE_INFINITY);
  const checkpoint = (step: number) => ({ checkpoint: fakeCheckpoint(config, dataset.fields, step) });
  let step = resume ? Number(decodeSafetensors(blobs.checkpoint, "checkpoint").metadata.step) : 0;
  const epochOf = (at: number) => Math.ceil(at / stepsPerEpoch);
  await emit({
    event: "start",
    adapter: { vendor: "nobody", architecture: "", device: "", description: "a fake", fallback: true },
    parameters: 1234,
    peakBytes: 5678,
    totalSteps,
    stepsPerEpoch,
    stages: [{ name: "training", steps: totalSteps, monitor: { term: "loss", split: "test" } }],
    step,
    environment: { variants: ["none"] },
  });
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
    const schedules = { learningRate: 1e-3, klWeight: 1 };
    const told = { epoch, step, stage: "training", train, test, units, schedules };
    await emit({ event: "epoch", ...told, steps: stepsPerEpoch, ...times, best: true });
    await emit({ event: "checkpoint", step, epoch, best: true }, checkpoint(step));
  }
  const png = drawExamples(new Float32Array(16).fill(1), tinyData.fields.x);
  for (const file of ["samples.png", "reconstructions.png", "latent.png"]) {
    await emit({ event: "picture", file, caption: file }, { png });
  }
  await emit({ event: "end", status: "ok", step, epoch: epochOf(step) }, checkpoint(step));
}

const units = { loss: "nats", reconstruction: "nats", kl: "nats" };

const lossesAt = (step: number) => ({ loss: 100 / step, reconstruction: 80 / step, kl: 20 / step });

const measures = {
  meanSquaredError: 0.0123456,
  posterior: {
    kl: [2, 0.005, 0.5],
    activeUnits: 2,
    aggregate: {
      mean: [0.1, -0.2, 0],
      covariance: [
        [1, 0, 0],
        [0, 1.44, 0],
        [0, 0, 0.25],
      ],
      klFromStandardNormal: 0.5,
    },
  },
};

const ones = (count: number) => new Uint8Array(new Float32Array(count).fill(1).buffer);

/** A checkpoint as the job would write it, with no weights in it. */
export function fakeCheckpoint(config: TrainJob["config"], fields: object, step: number): Uint8Array {
  const { host: _host, ...kept } = { ...config, data: { ...config.data, directory: null } };
  const metadata = { config: JSON.stringify(kept), fields: JSON.stringify(fields), step: String(step) };
  const tensors = {
    weight: { dtype: "F32", shape: [1], data: new Float32Array([step]) },
    state: { dtype: "U32", shape: [8], data: Uint32Array.of(1, 0, step, 0, 0, 0, 1, TRAINED_ON) },
  } as const;
  return encodeSafetensors(tensors, metadata);
}

/** A run folder as training leaves it, with one checkpoint without weights in it. */
export async function madeRun(path: string, layers: ConfigLayers, fields: Dataset["fields"] = tinyData.fields) {
  const config = resolveConfig(layers);
  await fs.mkdir(join(path, "checkpoints"), { recursive: true });
  await fs.writeFile(join(path, "config.json"), JSON.stringify(config));
  await fs.writeFile(join(path, "checkpoints/epoch=0001-step=3.safetensors"), fakeCheckpoint(config, fields, 3));
}

export const neverInterrupted = new AbortController().signal;

/** Every file below a folder, with `/` between the parts, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).toSorted();
}
