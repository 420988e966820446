import { expect, test } from "@playwright/test";
import { barText, createProgress, epochText, formatBytes, formatDuration, formatLoss } from "../../src/cli/progress.ts";
import type { EpochEvent, ProgressEvent } from "../../src/jobs/messages.ts";
import { fakeTerminal } from "./support.ts";

const event: ProgressEvent = {
  event: "progress",
  step: 1172,
  totalSteps: 2345,
  epoch: 3,
  loss: 112.345,
  stepsPerSecond: 15.25,
  secondsLeft: 77,
};

test("the bar shows epoch, per cent, loss, speed and time left", () => {
  const text = barText(event, 5, 100);
  expect(text).toMatch(/^epoch 3\/5 {2}█{15}░{15} {3}49% {2}loss 112\.3[45] {2}15\.3 steps\/s {2}1:17 left$/);
});

test("the bar never is wider than the terminal, and keeps the per cent longest", () => {
  for (let width = 4; width <= 120; width++) {
    const text = barText(event, 5, width);
    expect(text.length).toBeLessThanOrEqual(width);
    expect(text).toContain("49%");
  }
  for (let width = 0; width < 4; width++) expect(barText(event, 5, width)).toBe("");
});

test("the bar has colours only when asked for them", () => {
  expect(barText(event, 5, 100)).not.toContain("\x1b");
  expect(barText(event, 5, 100, true)).toContain("\x1b[32m");
});

test("a bar is drawn only where it can be redrawn, and taken away before a line", () => {
  const plain = fakeTerminal();
  createProgress(plain).bar(event, 5);
  expect(plain.out() + plain.err()).toBe("");

  const screen = fakeTerminal({ interactive: true, columns: 60 });
  const progress = createProgress(screen);
  progress.bar(event, 5);
  progress.bar(event, 5); // too soon after the first to be drawn
  progress.line("epoch over");
  progress.line("and another");
  expect(screen.err()).toBe(`\r\x1b[K${barText(event, 5, 59)}\r\x1b[K`);
  expect(screen.out()).toBe("epoch over\nand another\n");
});

test("an epoch's line has both losses, the test loss's parts, time and speed", () => {
  const epoch: EpochEvent = {
    event: "epoch",
    epoch: 7,
    step: 3283,
    stage: "training",
    units: { loss: "nats", reconstruction: "nats", kl: "nats" },
    schedules: { learningRate: 1e-3, klWeight: 1 },
    train: { loss: 107.5, reconstruction: 82, kl: 25.5 },
    test: { loss: 106.98, reconstruction: 81.5, kl: 25.48 },
    steps: 469,
    seconds: 31.4,
    stepsPerSecond: 14.94,
    best: true,
  };
  const parts = "reconstruction 81.50, kl 25.48";
  expect(epochText(epoch, 10)).toBe(`epoch  7/10  train 107.50  test 106.98 (${parts})  0:31, 14.9 steps/s  best`);
  expect(epochText(epoch, 10, "layer 1")).toMatch(/^epoch {2}7\/10 {2}layer 1 {2}train 107\.50/);
});

test("an epoch's line of several objectives has each loss by its name", () => {
  const [train, test] = [1.2, 1.4].map((loss) => ({ "discriminator.loss": loss, "generator.loss": 2 * loss }));
  const times = { steps: 1, seconds: 1, stepsPerSecond: 1 };
  const epoch: EpochEvent = {
    ...{ event: "epoch", epoch: 1, step: 1, stage: "training", units: {}, schedules: {}, best: false },
    ...{ train, test, ...times },
  };
  expect(epochText(epoch, 2)).toBe(
    "epoch 1/2  discriminator.loss 1.20 / 1.40  generator.loss 2.40 / 2.80  0:01, 1.0 steps/s",
  );
});

test("an epoch's line of a model without test terms has those of the training", () => {
  const times = { steps: 1, seconds: 1, stepsPerSecond: 1 };
  const epoch: EpochEvent = {
    ...{ event: "epoch", epoch: 1, step: 1, stage: "training", units: {}, schedules: {}, best: true },
    ...{ train: { loss: 0.25 }, test: {}, ...times },
  };
  expect(epochText(epoch, 2)).toBe("epoch 1/2  train loss 0.2500  0:01, 1.0 steps/s  best");
});

test("numbers are shown for people", () => {
  expect([0, 59.6, 754, 3723, Number.POSITIVE_INFINITY].map(formatDuration)).toEqual([
    "0:00",
    "1:00",
    "12:34",
    "1:02:03",
    "?",
  ]);
  expect([0, 1023, 1024, 12_900_000, 2 ** 31].map(formatBytes)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KiB",
    "12.3 MiB",
    "2.0 GiB",
  ]);
  expect([null, -3, 12_345_678].map(formatLoss)).toEqual(["not finite", "-3.00", "1.23e+7"]);
});
