import { expect, test } from "@playwright/test";
import type { BenchCase } from "../../src/bench/case.ts";
import { selfTestHere } from "../../src/cli/self-test.ts";
import { type Device, requestDevice } from "../../src/gpu/device.ts";
import type { Message } from "../../src/host/job.ts";
import { selfTestParts } from "../../src/selftest/cases.ts";
import { type SelfTestReport, selfTest, selfTestText } from "../../src/selftest/index.ts";
import { runSelfTest } from "../../src/selftest/self-test.ts";
import { fakeServices } from "../cli/support.ts";
import { quickDrivers, settle } from "../support/dawn.ts";
import { HANG_SECONDS, long } from "../support/long.ts";
import { shaderSources } from "../support/shaders.ts";
import { sharedDevice } from "../support/training.ts";

const selfTestCases = ({ profile }: Device) => selfTestParts(profile).flatMap((part) => part());

/** In the quick suite one of the cases that differ in nothing but their extents. */
function inThisSuite(cases: readonly BenchCase[]): readonly BenchCase[] {
  if (long) return cases;
  const kindOf = ({ kernel, variant, shape }: BenchCase) => [kernel, variant, shape.replace(/\d+/g, "n")].join();
  return [...new Map(cases.toReversed().map((made) => [kindOf(made), made])).values()];
}

/** No launch is given up for being slow. */
const timeoutSeconds = HANG_SECONDS;

/** A device that tells which kernels are compiled on it. */
async function watchedDevice(shared: Device): Promise<{ device: Device; compiled: Set<string> }> {
  const device = await requestDevice({ gpu: shared.entry, settle });
  const compiled = new Set<string>();
  const compile = device.gpu.createComputePipelineAsync.bind(device.gpu);
  device.gpu.createComputePipelineAsync = (descriptor) => {
    compiled.add(descriptor.label!);
    return compile(descriptor);
  };
  return { device, compiled };
}

for (const driver of quickDrivers) {
  test(`every kernel agrees with float64, none is left out, and a page waits for none (${driver ?? "default"} adapter)`, async () => {
    const { device, compiled } = await watchedDevice(await sharedDevice(driver));
    const work: [string, number, number][] = [];
    const cases = inThisSuite(selfTestCases(device)).map(
      (made): BenchCase => ({
        ...made,
        prepare: async (bench) => {
          const prepared = await made.prepare(bench);
          const sum = (of: "flops" | "bytes") => prepared.parts.reduce((total, part) => total + part[of], 0);
          work.push([`${made.kernel} ${made.variant} ${made.shape}`, sum("flops"), sum("bytes")]);
          return prepared;
        },
      }),
    );
    const seen: number[] = [];
    const report = await runSelfTest(device, cases, { timeoutSeconds, onProgress: ({ done }) => seen.push(done) });
    expect(report.rows.filter(({ ok }) => !ok)).toEqual([]);
    expect(report).toMatchObject({ ok: true, hung: false, adapter: device.adapter });
    expect(seen).toEqual(report.rows.map((_, k) => k + 1));
    expect(new Set(work.map(([name]) => name)).size).toBe(report.rows.length);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    // A reference is computed at one go: two million operations at most.
    expect(work.filter(([, flops, bytes]) => flops > 2e6 || bytes > 4e6)).toEqual([]);

    const known = Object.entries(shaderSources).flatMap(([path, text]) =>
      /@compute|fn value_of\(|fn a_row\(/.test(text) ? [path.replace(/\.wgsl$/, "")] : [],
    );
    const missing = known.filter((name) => ![...compiled].some((kernel) => kernel.startsWith(name)));
    expect(missing.sort()).toEqual([
      ...["bench/copy", "bench/multiply_add"],
      // Parts of others, under whose names they are compiled.
      ...["images/frame", "matmul/matrices"],
      // Tiles in workgroup memory, which processors are not given.
      ...(device.profile.software ? ["matmul/workgroup"] : []),
      "view/project", // draws, and trains nothing
    ]);
    device.dispose();
  });
}

const fails = (message: string): BenchCase => ({
  kernel: "loss",
  variant: "wrong",
  shape: "1",
  prepare: async () => ({
    parts: [],
    verdict: { maxRelativeError: 0.5, tolerance: 1e-5, problem: message, notes: [] },
    encode: () => {},
    dispose: () => {},
  }),
});

test("a kernel that is wrong is a row with its reason, and the others are run", async () => {
  const device = await sharedDevice();
  const [right] = selfTestCases(device);
  const report = await runSelfTest(device, [fails("It differs."), right], { timeoutSeconds });
  expect(report.ok).toBe(false);
  expect(report.rows.map(({ ok, reason }) => [ok, reason])).toEqual([
    [false, "It differs."],
    [true, undefined],
  ]);
  const text = selfTestText(report);
  expect(text).toMatch(/^loss +wrong +1 +5\.0e-1 +1\.0e-5 +WRONG$/m);
  expect(text).toContain("1 of 2 cases do not agree with float64, or did not run:\n- loss wrong 1: It differs.");
});

test("after the device is lost the rest is not run, and there is a report", async () => {
  const device = await requestDevice({ gpu: (await sharedDevice()).entry, settle });
  const cases = selfTestCases(device).slice(0, 4);
  const onProgress = ({ done }: { done: number }) => done === 1 && device.gpu.destroy();
  const { rows, ok } = await runSelfTest(device, cases, { timeoutSeconds, onProgress });
  expect(ok).toBe(false);
  expect(rows.map(({ ok }) => ok)).toEqual([true, false, false, false]);
  expect(rows[1].reason).toMatch(/^The GPU device was lost/);
  expect(rows[3].reason).toBe("Not run: the device was gone after a kernel before it.");
});

test("a signal ends it", async () => {
  const stop = new AbortController();
  const run = selfTest(await sharedDevice(), { onProgress: () => stop.abort(), signal: stop.signal });
  await expect(run).rejects.toMatchObject({ code: "aborted" });
});

test("doctor --selftest prints the table or one line of JSON, and ends with 1 where a kernel is wrong", async () => {
  const row = { kernel: "matmul", variant: "general 64", shape: "2x2", error: 2e-7, bound: 1e-5, ok: true };
  const adapter = { vendor: "nobody", architecture: "", device: "", description: "a fake", fallback: true };
  const report: SelfTestReport = {
    ...{ version: 1, adapter, adapterName: "a fake (software, no GPU)", features: ["subgroups"], hung: false },
    ...{ limits: { maxBufferSize: 268435456 }, rows: [row], ok: true },
  };
  const services = (report: SelfTestReport) => {
    const base = fakeServices();
    const run = async (job: Message, receive: (message: Message) => void | Promise<void>) => {
      expect(job.body).toEqual({ kind: "selftest" });
      await receive({ body: { event: "progress", line: "matmul (1 of 1)" } });
      await receive({ body: { event: "end", report } as unknown as Message["body"] });
    };
    return { ...base, openHost: async () => ({ kind: "dawn" as const, version: "0", close: async () => {}, run }) };
  };
  const right = services(report);
  expect(await selfTestHere({ host: "dawn" }, right)).toBe(0);
  expect(right.terminal.out()).toMatch(/^reparam +\d.*Dawn in Node \(0\), Node v/);
  expect(right.terminal.out()).toContain("limit     maxBufferSize 268435456");
  expect(right.terminal.out()).toContain("All 1 cases agree with float64.");
  const wrong = services({ ...report, ok: false });
  expect(await selfTestHere({ json: true }, wrong)).toBe(1);
  expect(JSON.parse(wrong.terminal.out())).toMatchObject({ event: "selftest", rows: [row], node: process.version });
});
