import { expect, test } from "@playwright/test";
import { planCase } from "../../src/bench/case.ts";
import { families } from "../../src/bench/catalog.ts";
import { keyOf } from "../../src/bench/report.ts";
import { runCases } from "../../src/bench/run.ts";
import { type Device, requestDevice } from "../../src/gpu/device.ts";
import { drivers, engineDevice, quickDrivers, settle } from "../support/dawn.ts";
import { hurried } from "../support/hurried.ts";
import { HANG_SECONDS, long } from "../support/long.ts";

/** Of each kernel the first in the quick suite: the self-test has the others, too. */
const allShapes: Readonly<Record<string, readonly string[]>> = {
  matmul: ["24x20x28 TN", "5x7x3", "20x24x28", "20x24x28 nt", "3x20x12x8 TN"],
  conv: ["2x9x7x4x8 k3 s2", "1x5x6x3x1"],
  pool: ["2x9x7x4 k3 s2", "1x6x5x3"],
  upsample: ["2x5x4x4", "1x3x5x3 f3"],
  embedding: ["37x6x8", "401x5x3"],
  "top-k": ["9x20x3"],
  norm: ["3x4x2x8"],
  "gradient-norm": ["1000"],
  adam: ["1000"],
};
const shapesOf = (name: string) => (allShapes[name] ?? ["9x20"]).slice(0, long ? undefined : 1);

const casesOf = (device: Device, names = Object.keys(families)) =>
  names.flatMap((name) =>
    families[name].cases({ shapes: shapesOf(name), variants: true, large: false, profile: device.profile }),
  );

const run: typeof runCases = (...of) => hurried(() => runCases(...of));

/** No launch is given up for being slow. */
const timeoutSeconds = HANG_SECONDS;

for (const driver of quickDrivers) {
  test.describe(`the benchmark's own kernels on ${driver ?? "the default adapter"}`, () => {
    test("every kernel, and every rung of its ladder, agrees with float64 and is timed", async () => {
      const device = await engineDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const lines: string[] = [];
      const report = await run(device!, casesOf(device!), {
        rounds: 1,
        timeoutSeconds,
        onProgress: (line) => lines.push(line),
      });
      for (const result of report.kernels) {
        expect.soft(`${keyOf(result)}: ${result.status} ${result.problem ?? ""}`).toBe(`${keyOf(result)}: ok `);
        expect.soft(result.maxRelativeError, keyOf(result)).toBeLessThan(1e-5);
        expect.soft(result.time?.roofline, keyOf(result)).toBeGreaterThan(0);
      }
      const ladder = report.kernels.filter(({ kernel, shape }) => kernel === "matmul" && shape === "24x20x28 TN");
      expect(ladder.map(({ variant }) => variant)).toEqual([
        ...(device!.profile.subgroups ? ["subgroup"] : []),
        "register",
        "general",
      ]);
      expect(new Set(report.kernels.map(keyOf)).size).toBe(report.kernels.length);
      expect(report.ceilings!.flopsPerSecond.median).toBeGreaterThan(0);
      expect(report.ceilings!.bytesPerSecond.median).toBeGreaterThan(0);
      expect(lines).toContain("round 1 of 1");
      // What crosses to the command line is JSON.
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    });

    test("a kernel that computes something else is wrong, and is not timed", async () => {
      const device = await engineDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const [right] = casesOf(device!, ["matmul"]);
      const wrong = planCase({
        kernel: "relu",
        variant: "wrong",
        shape: "64",
        plan: () => {
          const dispatch = {
            kernel: "elementwise/map",
            label: "y",
            code: `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) { y[i] = 1.0; }`,
            constants: {},
            bindings: [{ buffer: { external: "y" }, offset: 0, size: 256, access: "read_write" }],
            workgroups: [1, 1, 1],
            shape: "64",
            flops: 0,
            bytes: 256,
          } as const;
          const y = { binding: dispatch.bindings[0], shape: [64] };
          return { dispatches: [dispatch], slots: [], outputs: { y } };
        },
        buffers: () => ({ y: 256 }),
        expected: () => ({ y: new Float64Array(64).fill(1.001) }),
      });
      const { kernels } = await run(device!, [wrong, right], { rounds: 1, timeoutSeconds });
      expect(kernels.map(({ status }) => status)).toEqual(["wrong", "ok"]);
      expect(kernels[0]).toMatchObject({ problem: expect.stringContaining("differs by 1.0e-3") });
      expect(kernels[0].time).toBeUndefined();
    });
  });
}

test("when the device is lost, the kernel that it fell under failed, the rest is skipped, and there is a report", async () => {
  const shared = await engineDevice(drivers[drivers.length - 1]);
  test.skip(shared === undefined, "no Dawn adapter");
  const device = await requestDevice({ gpu: shared!.entry, settle });
  const cases = casesOf(device, ["matmul"]);
  const onProgress = (line: string) => line === `checking ${keyOf(cases[1])}` && device.gpu.destroy();
  const { kernels, ceilings } = await run(device, cases, { rounds: 1, timeoutSeconds, onProgress });
  expect(kernels[1]).toMatchObject({ status: "failed", problem: expect.stringMatching(/^The GPU device was lost/) });
  expect(kernels.slice(2).map(({ status }) => status)).toEqual(cases.slice(2).map(() => "skipped"));
  expect(kernels.every(({ time }) => time === undefined)).toBe(true);
  expect(ceilings).toBeUndefined();
});

test("a signal ends the benchmark", async () => {
  const device = await engineDevice(drivers[drivers.length - 1]);
  test.skip(device === undefined, "no Dawn adapter");
  const stop = new AbortController();
  const running = run(device!, casesOf(device!, ["matmul"]), { onProgress: () => stop.abort(), signal: stop.signal });
  await expect(running).rejects.toMatchObject({ code: "aborted" });
});
