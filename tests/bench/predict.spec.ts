import { expect, test } from "@playwright/test";
import { predictPlan, predictStep } from "../../src/bench/predict.ts";
import { gpuFigures, predict } from "../../src/cli/predict.ts";
import type { Dispatch, Plan } from "../../src/plan/plan.ts";
import { fakeServices } from "../cli/support.ts";

const launch = (kernel: string, flops: number, bytes: number) =>
  ({ kernel, label: kernel, shape: "", flops, bytes }) as unknown as Dispatch;
const planOf = (...dispatches: Dispatch[]): Plan => ({ dispatches, slots: [], outputs: {} });
const gpu = { flopsPerSecond: 1000, bytesPerSecond: 100, launchSeconds: 1 };

test("a launch costs its start, and the larger of arithmetic and memory", () => {
  const plan = planOf(
    launch("matmul/general", 4000, 100), // 4 s of arithmetic, 1 s of memory
    launch("elementwise/map", 1000, 200), // 1 s, 2 s
    launch("optimizer/update", 500, 10), // less than its start
  );
  const { launches, seconds, shares, flops, bytes } = predictPlan(plan, gpu);
  expect(launches.map(({ seconds, bound }) => [seconds, bound])).toEqual([
    [5, "arithmetic"],
    [3, "memory"],
    [1.5, "launch"],
  ]);
  expect([seconds, flops, bytes]).toEqual([9.5, 5500, 310]);
  expect(shares).toEqual({ products: 4 / 9.5, rest: 2.5 / 9.5, launches: 3 / 9.5 });
});

test("a preset's step is the plan of a GPU: its products are what its layers multiply", () => {
  // 784-400-20 and back, two heads: forward, and both gradients but that of the input; 2 FLOP a multiply-add.
  const products = 2 * 128 * (3 * (2 * 784 * 400 + 2 * 20 * 400 + 20 * 400) - 784 * 400);
  const { launches, batchSize } = predictStep("vae", gpu);
  const multiplied = launches.filter(({ kernel }) => kernel.startsWith("matmul/"));
  const epilogues = multiplied.reduce((sum, { flops }) => sum + flops, 0) / products - 1;
  expect(batchSize).toBe(128);
  expect(epilogues).toBeGreaterThanOrEqual(0);
  expect(epilogues).toBeLessThan(0.01);
});

test("figures are read with their units, and what is misread says how they are written", () => {
  expect(gpuFigures("launch=6us, flops=12T,bytes=400G")).toEqual({
    flopsPerSecond: 12e12,
    bytesPerSecond: 400e9,
    launchSeconds: 6 / 1e6,
  });
  for (const text of [
    "",
    "flops=12T",
    "flops=12T,bytes=400G,launch=6",
    "flops=0,bytes=1,launch=1s",
    "flops=1x,bytes=1,launch=1s",
  ]) {
    expect(() => gpuFigures(text)).toThrow(/is not of the form flops=12T,bytes=400G,launch=6us/);
  }
});

test("the command tells presets, or the launches of one that take longest, and opens no GPU", async () => {
  const services = { ...fakeServices(), openHost: () => Promise.reject(new Error("A GPU was opened.")) };
  const options = { predict: "flops=12T,bytes=400G,launch=6us" };
  expect(await predict(["vae", "ae"], options, services)).toBe(0);
  expect(services.terminal.out()).toMatch(/^preset +batch +launches .*\nvae +128 +\d+ .*\nae +128 +\d+ /);
  const one = { ...fakeServices(), openHost: services.openHost };
  expect(await predict([], { ...options, plan: "vae" }, one)).toBe(0);
  expect(one.terminal.out()).toMatch(/^vae, batch 128: .* a step in \d+ launches; products /);
  expect(one.terminal.out().trimEnd().split("\n")).toHaveLength(2 + 1 + 12);
  await expect(predict(["vea"], options, services)).rejects.toThrow(/There is no preset vea; did you mean vae\?/);
});
