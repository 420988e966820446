import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { createProgress } from "../../src/cli/progress.ts";
import { createRecorder } from "../../src/cli/recorder.ts";
import { endTexts } from "../../src/cli/train-texts.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { Message } from "../../src/host/job.ts";
import type { EpochEvent, StageInfo, StartEvent, TrainEvent } from "../../src/jobs/messages.ts";
import { drawExamples } from "../../src/report/drawers/samples.ts";
import { enterTemporaryFolder, fakeTerminal, leaveTemporaryFolder, tinyData } from "./support.ts";

test.beforeEach(async () => {
  await enterTemporaryFolder();
  await fs.mkdir("run");
});
test.afterEach(leaveTemporaryFolder);

const blobs = { checkpoint: new Uint8Array(8), png: drawExamples(new Float32Array(4), tinyData.fields.x) };
const adapter = { vendor: "nobody", architecture: "", device: "", description: "a fake", fallback: true };
const watched = (name: string, steps: number): StageInfo => ({ name, steps, monitor: { term: "loss", split: "test" } });

const startOf = (stages: StageInfo[], step = 0): StartEvent => ({
  event: "start",
  adapter,
  parameters: 10,
  peakBytes: 1024,
  totalSteps: 12,
  stepsPerEpoch: 3,
  stages,
  step,
  environment: {},
});

const epochOf = (epoch: number, test: EpochEvent["test"], more: Partial<EpochEvent> = {}): EpochEvent => ({
  event: "epoch",
  epoch,
  step: 3 * epoch,
  stage: "training",
  train: test,
  test,
  units: Object.fromEntries(Object.keys(test).map((name) => [name, "nats"])),
  schedules: { learningRate: 1e-3 },
  steps: 3,
  seconds: 1,
  stepsPerSecond: 3,
  best: false,
  ...more,
});

const ended = (epoch: number): TrainEvent => ({ event: "end", status: "ok", step: 3 * epoch, epoch });

/** What is said and written of a run of these events. */
async function record(events: readonly TrainEvent[], fromStep = 0) {
  const terminal = fakeTerminal();
  const json: Record<string, unknown>[] = [];
  const recorder = createRecorder({
    run: "run",
    config: resolveConfig({}),
    environment: { reparam: "0" },
    data: "tiny",
    ...(fromStep > 0 && { from: { path: "run/checkpoints/x", step: fromStep } }),
    progress: createProgress(terminal),
    json: (event) => json.push(event as Record<string, unknown>),
  });
  for (const body of events) await recorder.receive({ body: body as unknown as Message["body"], blobs });
  const read = (file: string) => fs.readFile(`run/${file}`, "utf8");
  const lines = (await read("metrics.jsonl").catch(() => "")).split("\n").filter((line) => line);
  return {
    out: terminal.out(),
    err: terminal.err(),
    json,
    metrics: lines.map((line) => JSON.parse(line)),
    environment: JSON.parse(await read("environment.json")),
    report: await read("report.html").catch(() => ""),
  };
}

test("a stage is told when it begins, and stands in its epochs' lines, where there are several", async () => {
  const stages = [watched("layer 1", 3), watched("fine-tuning", 9)];
  const told = await record([
    startOf(stages),
    epochOf(1, { loss: 540 }, { stage: "layer 1", best: true }),
    { event: "stage", name: "fine-tuning", step: 3, steps: 9 },
    { event: "steps", epoch: 2, step: 4, stage: "fine-tuning", train: { loss: 500 }, schedules: {} },
    epochOf(2, { loss: 490 }, { stage: "fine-tuning", best: true }),
  ]);
  expect(told.out.split("\n").slice(3, -1)).toEqual([
    "stages   layer 1 3, fine-tuning 9",
    "epoch 1/5  layer 1  train 540.00  test 540.00  0:01, 3.0 steps/s  best",
    "stage    fine-tuning, 9 steps",
    "epoch 2/5  fine-tuning  train 490.00  test 490.00  0:01, 3.0 steps/s  best",
  ]);
  expect(told.metrics.map(({ stage }) => stage)).toEqual(["layer 1", "fine-tuning", "fine-tuning"]);
  expect(told.json.filter(({ event }) => event === "epoch").map(({ stage }) => stage)).toEqual([
    "layer 1",
    "fine-tuning",
  ]);
});

test("of several objectives each loss has its name, and every term its place in metrics and JSON", async () => {
  const terms = { "discriminator.loss": 1.25, "discriminator.real": 0.5, "generator.loss": 0.75 };
  const told = await record([startOf([{ name: "training", steps: 12, monitor: null }]), epochOf(1, terms)]);
  expect(told.out).toContain("epoch 1/5  discriminator.loss 1.25 / 1.25  generator.loss 0.7500 / 0.7500  0:01");
  expect(told.json[1]).toMatchObject({ event: "epoch", train: terms, test: terms, schedules: { learningRate: 1e-3 } });
  expect(told.metrics[0]).toMatchObject({ epoch: 1, step: 3, train: terms, test: terms });
  expect(told.metrics[0]).not.toHaveProperty("stage");
});

test("the best epoch is named with where it is when it is not the last", async () => {
  const stages = [watched("training", 12)];
  const sentence = "Epoch 1 was the best: its weights are in checkpoints/best (`--best` uses them).";
  const first = await record([startOf(stages), epochOf(1, { loss: 3 }), epochOf(2, { loss: 4 }), ended(2)]);
  expect(first.out).toContain(`${sentence}\n`);
  expect(first.report).toContain("Epoch 1 was the best");
  // A resumed run remembers: its metrics do.
  const resumed = await record([startOf(stages, 6), epochOf(3, { loss: 5 }), ended(3)], 6);
  expect(resumed.out).toContain(`${sentence}\n`);
  const better = await record([startOf(stages, 9), epochOf(4, { loss: 2 }), ended(4)], 9);
  expect(better.out).not.toContain("was the best");
});

test("what the figures of a run say of its model is told in words, and stands in the report", async () => {
  const stages = [watched("training", 12)];
  const losses = (train: number, held: number) => ({ train: { loss: train }, test: { loss: held } });
  const epochs = [losses(9, 8), losses(8, 9), losses(7, 10)].map(({ train, test }, k) =>
    epochOf(k + 1, test, { train }),
  );
  const posterior = {
    kl: [0, 0.001],
    activeUnits: 0,
    aggregate: { mean: [], covariance: [], klFromStandardNormal: null },
  };
  const told = await record([startOf(stages), ...epochs, { ...ended(3), codes: { posterior } } as TrainEvent]);
  for (const words of ["The posterior has collapsed", "The test loss rose from"]) {
    expect(told.out).toContain(words);
    expect(told.report).toContain(words);
  }
});

test("no epoch is the best where nothing is watched, where it is not finite, or of a stage before", async () => {
  const unwatched = [{ name: "training", steps: 12, monitor: null }];
  const stages = [watched("layer 1", 3), watched("fine-tuning", 9)];
  const runs: TrainEvent[][] = [
    [startOf(unwatched), epochOf(1, { loss: 3 }), epochOf(2, { loss: 4 }), ended(2)],
    [startOf([watched("training", 12)]), epochOf(1, { loss: null }), epochOf(2, { loss: null }), ended(2)],
    [
      startOf(stages),
      epochOf(1, { loss: 3 }, { stage: "layer 1" }),
      epochOf(2, { loss: 40 }, { stage: "fine-tuning" }),
      ended(2),
    ],
  ];
  for (const events of runs) {
    expect((await record(events)).out).not.toContain("was the best");
    await fs.rm("run/metrics.jsonl");
  }
});

test("a lost graphics processor is one line on stderr, in the report and in environment.json, also after a resume", async () => {
  const other = { ...adapter, description: "another" };
  const stages = [watched("training", 12)];
  const lost = (on: typeof adapter, step: number): TrainEvent => ({
    event: "recovery",
    reason: "The device was lost.",
    adapter: on,
    step,
  });
  const told = await record([startOf(stages), lost(adapter, 3), lost(other, 6), lost(other, 9), ended(4)]);
  expect(told.err).toBe(
    [
      "The graphics processor went away (The device was lost). Going on from step 3.",
      "The graphics processor went away (The device was lost). Going on from step 6, on another instead of a fake: " +
        "its bytes are no longer those of a run on one adapter.",
      "The graphics processor went away (The device was lost). Going on from step 9.",
      "",
    ].join("\n"),
  );
  expect(told.report).toContain("on another instead of a fake");
  expect(told.environment).toMatchObject({ reparam: "0", adapter });
  expect(told.environment.recoveries.map(({ step }: { step: number }) => step)).toEqual([3, 6, 9]);
  const resumed = await record([startOf(stages, 9), epochOf(4, { loss: 1 })], 9);
  expect(resumed.environment.recoveries).toEqual(told.environment.recoveries);
});

test("a picture is written under its name and stands in the report with its caption", async () => {
  const picture: TrainEvent = { event: "picture", file: "confusion.png", caption: "True classes" };
  const told = await record([startOf([watched("training", 12)]), epochOf(1, { loss: 1 }), picture, ended(1)]);
  expect(new Uint8Array(await fs.readFile("run/confusion.png"))).toEqual(blobs.png);
  expect(told.report).toContain("True classes");
});

test("a run that ended without a step says how to go on", () => {
  const end = { event: "end", step: 6, epoch: 2 } as const;
  expect(endTexts({ ...end, status: "ok" }, 0, "out")).toEqual([]);
  expect(endTexts({ ...end, status: "stopped-early" }, 0, "out")).toEqual([
    "Stopped early after epoch 2: what it is watched by no longer fell.",
  ]);
  expect(endTexts({ ...end, status: "ok" }, 6, "out")).toEqual([
    "This run had already done its 6 steps. Train it longer with: reparam train --resume out --epochs N",
  ]);
  expect(endTexts({ ...end, status: "stopped-early" }, 6, "my run")).toEqual([
    "This run had already stopped early, after epoch 2. Go on with a larger patience or without one:",
    "  reparam train --resume 'my run' --set training.earlyStopping.patience=N",
    "  reparam train --resume 'my run' --set training.earlyStopping=null",
  ]);
});
