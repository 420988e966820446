import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { families } from "../../src/bench/catalog.ts";
import type { BenchJob } from "../../src/bench/messages.ts";
import type { BenchReport } from "../../src/bench/report.ts";
import { bench } from "../../src/cli/bench.ts";
import type { BenchOptions } from "../../src/cli/bench-options.ts";
import { presets } from "../../src/config/presets.ts";
import type { Message } from "../../src/host/job.ts";
import { enterTemporaryFolder, fakeServices, leaveTemporaryFolder } from "../cli/support.ts";
import { aReport, aResult } from "./support.ts";

test.beforeEach(enterTemporaryFolder);
test.afterEach(leaveTemporaryFolder);

/** Services whose host answers every bench job with a report. */
function services(report: BenchReport) {
  const base = fakeServices();
  const jobs: BenchJob[] = [];
  let closed = 0;
  return {
    ...base,
    jobs,
    closed: () => closed,
    openHost: async (kind: "chromium" | "dawn") => ({
      kind,
      version: "0",
      close: async () => void closed++,
      run: async (job: Message, receive: (message: Message) => void | Promise<void>) => {
        jobs.push(job.body as unknown as BenchJob);
        await receive({ body: { event: "start", adapterName: report.adapterName } });
        await receive({ body: { event: "progress", line: "round 1 of 3" } });
        await receive({ body: { event: "end", report } as unknown as Message["body"] });
      },
    }),
  };
}

test("the table names the adapter, the clock and the ceilings, and each kernel with its error and times", async () => {
  const wrong = { ...aResult("loss", 1), status: "wrong", problem: "It is wrong.", time: undefined } as const;
  const some = services(aReport([aResult("matmul", 0.00125), wrong]));
  expect(await bench([], {}, some)).toBe(1);
  const lines = some.terminal.out().split("\n");
  expect(lines[0]).toBe("a fake (software, no GPU), headless Chromium (0)");
  expect(lines[1]).toBe(
    "timestamps of the adapter, 3 interleaved rounds; ceilings measured in the same rounds: 10.0 GFLOP/s multiply-add, 1.00 GB/s copy",
  );
  expect(lines[3]).toMatch(/^kernel +variant +shape +error +median +p10 +p90 +GFLOP\/s +GB\/s +roofline$/);
  expect(lines[4]).toMatch(/^matmul +v +1x1 +1\.0e-6 +1\.25 ms +1\.25 ms +1\.25 ms +1600 +800 +80000 %$/);
  expect(lines[5]).toMatch(/^loss +v +1x1 +WRONG$/);
  expect(lines[7]).toBe("loss v 1x1: It is wrong.");
  expect(some.terminal.err()).toBe("benchmark on a fake (software, no GPU)\n");
  expect(some.closed()).toBe(1);
});

test("the table of a plan has a line a launch, the step, and the sums of products and rest", async () => {
  const launch = (kernel: string, seconds: number) => ({ ...aResult(kernel, seconds), share: seconds / 4 });
  const family = (name: "products" | "rest", seconds: number) => ({ name, launches: 1, seconds, share: seconds / 4 });
  const report = {
    ...aReport([launch("matmul/general", 3), launch("optimizer/update", 1), aResult("training step", 4.5)]),
    plan: { preset: "vae", families: [family("products", 3), family("rest", 1)] },
  };
  const some = services(report);
  expect(await bench([], { plan: "vae" }, some)).toBe(0);
  expect(some.jobs[0]).toMatchObject({ kernels: [], presets: [], plan: "vae" });
  const lines = some.terminal.out().split("\n");
  expect(lines[3]).toMatch(/^launch +kernel +shape +median +share +GFLOP\/s +GB\/s +roofline +computes$/);
  expect(lines[4]).toMatch(/^ +1 +matmul\/general +1x1 +3\.00 s +75 % +0\.67 +0\.33 +33 % +v$/);
  expect(lines[6]).toMatch(/^ +training step +1x1 +4\.50 s +0\.44 +0\.22 +22 % +v$/);
  expect(lines.slice(8, 10)).toEqual([
    "products: 75 % of the launches' time, 3.00 s in 1",
    "rest: 25 % of the launches' time, 1.00 s in 1",
  ]);
});

test("--json prints one line that a later run takes as its --baseline", async () => {
  const before = services(aReport([aResult("matmul", 1)]));
  expect(await bench([], { json: true }, before)).toBe(0);
  const printed = before.terminal.out();
  expect(printed.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(printed)).toMatchObject({
    event: "bench",
    version: 1,
    host: { kind: "chromium" },
    adapterName: "a fake (software, no GPU)",
  });
  await fs.writeFile("before.json", printed);

  const now = services(aReport([aResult("matmul", 2)]));
  expect(await bench([], { baseline: "before.json" }, now)).toBe(0);
  expect(now.terminal.out()).toMatch(/roofline +baseline\n.* 2\.00x slower\n$/);
  const machine = services(aReport([aResult("matmul", 0.5)]));
  await bench([], { baseline: "before.json", json: true }, machine);
  expect(JSON.parse(machine.terminal.out()).baseline.kernels["matmul v 1x1"]).toEqual({
    verdict: "faster",
    ratio: 0.5,
  });

  const elsewhere = services({ ...aReport([]), adapterName: "another" });
  await expect(bench([], { baseline: "before.json" }, elsewhere)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringMatching(/this adapter is another/),
  });
  expect(elsewhere.closed()).toBe(1);
});

test("--out leaves a page and the report in the folder", async () => {
  await bench([], { out: "some/where" }, services(aReport([aResult("matmul", 1)])));
  expect(await fs.readFile("some/where/index.html", "utf8")).toContain("<h1>Kernel benchmark</h1>");
  expect(JSON.parse(await fs.readFile("some/where/bench.json", "utf8"))).toMatchObject({
    kernels: [{ kernel: "matmul" }],
  });
});

test("without names all kernels are asked for, with --end-to-end alone only training steps", async () => {
  const some = services(aReport([]));
  await bench([], {}, some);
  await bench([], { endToEnd: true }, some);
  await bench(["matmul", "matmul"], { shape: ["8x8x8"], variants: true, rounds: "3", host: "dawn" }, some);
  expect(some.jobs[0].kernels).toEqual(Object.keys(families));
  expect(some.jobs[1]).toMatchObject({ kernels: [], presets: Object.keys(presets) });
  expect(some.jobs[2]).toMatchObject({ kernels: ["matmul"], shapes: ["8x8x8"], variants: true, rounds: 3 });
  await bench(["matmul", "vae", "gan"], { endToEnd: true }, some);
  expect(some.jobs[3]).toMatchObject({ kernels: ["matmul"], presets: ["vae", "gan"] });
});

const wgsl = `override FACTOR: f32;
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = FACTOR; }`;

test("a kernel of one's own travels with its buffers, constants and work", async () => {
  await fs.writeFile("own.wgsl", wgsl);
  const some = services(aReport([]));
  const options = {
    wgsl: "own.wgsl",
    workgroups: "2,3",
    buffer: ["y=f32[2,2]:1,2,3,4"],
    override: ["FACTOR=0.5"],
    flops: "1e3",
  };
  await bench([], options, some);
  expect(some.jobs[0]).toMatchObject({
    kernels: [],
    own: {
      name: "own.wgsl",
      code: wgsl,
      workgroups: [2, 3, 1],
      constants: { FACTOR: 0.5 },
      buffers: { y: { type: "f32", shape: [2, 2], fill: [1, 2, 3, 4] } },
      flops: 1000,
    },
  });
});

const own: BenchOptions = { wgsl: "own.wgsl", workgroups: "1", override: ["FACTOR=2"], buffer: ["y=f32[4]"] };
const mistakes: [string, readonly string[], BenchOptions, RegExp][] = [
  ["an unknown kernel", ["matmull"], {}, /no kernel matmull; did you mean matmul\?/],
  ["an unknown host", [], { host: "down" }, /--host is chromium or dawn, not "down"; did you mean dawn\?/],
  ["a shape without a kernel", [], { shape: ["8x8"] }, /--shape needs the name of a kernel/],
  [
    "a shape of another rank",
    ["matmul"],
    { shape: ["8x8"] },
    /The shape "8x8" is not of the form MxKxN, such as 128x784x400/,
  ],
  ["a shape that is none", ["reduce"], { shape: ["8xbig"] }, /is not of the form RxC/],
  ["a shape beyond checking", ["matmul"], { shape: ["9999x9999x9999"] }, /too large to be checked/],
  ["a layout that is none", ["matmul"], { shape: ["8x8x8 TT"] }, /layout "TT".* none of NN, TN and NT/],
  ["an unknown preset", [], { plan: "vea" }, /no preset vea; did you mean vae\? There are ae, deep-ae, /],
  ["a plan beside kernels", ["matmul"], { plan: "vae" }, /--plan times the launches of one preset and nothing else/],
  ["a preset without --end-to-end", ["vae"], {}, /vae is a preset, not a kernel: --end-to-end times its steps/],
  ["no rounds", [], { rounds: "0" }, /--rounds must be a whole number from 1/],
  ["flags of an own kernel without one", [], { buffer: ["y=f32[4]"] }, /--buffer goes with a kernel of your own/],
  ["an own kernel without workgroups", [], { wgsl: "own.wgsl" }, /--wgsl needs --workgroups/],
  ["a file that is not there", [], { wgsl: "none.wgsl" }, /none\.wgsl cannot be read: there is no such file/],
  [
    "a buffer that is not written right",
    [],
    { ...own, buffer: ["y=f64[4]"] },
    /--buffer "y=f64\[4\]" is not of the form/,
  ],
  ["a buffer twice", [], { ...own, buffer: ["y=f32[4]", "y=f32[4]"] }, /--buffer y was given twice/],
  ["an unknown fill", [], { ...own, buffer: ["y=f32[4]:randon"] }, /filled with "randon"; did you mean random\?/],
  [
    "a constant that is no number",
    [],
    { ...own, override: ["FACTOR=two"] },
    /--override "FACTOR=two" is not of the form NAME=number/,
  ],
  ["a constant without a value", [], { ...own, override: [] }, /own\.wgsl: the override constant FACTOR has no value/],
  ["work that is no number", [], { ...own, flops: "many" }, /--flops is a number of at least 0, not "many"/],
  ["a baseline that is no report", [], { baseline: "own.wgsl" }, /own\.wgsl is no report of `reparam bench --json`/],
];

for (const [mistake, names, options, message] of mistakes) {
  test(`${mistake} is answered before a browser starts`, async () => {
    await fs.writeFile("own.wgsl", wgsl);
    const some = services(aReport([]));
    const error = await bench(names, options, some).then(
      () => expect(undefined, "it was accepted").toBeDefined(),
      (error) => error,
    );
    expect(error).toMatchObject({ code: "usage", message: expect.stringMatching(message) });
    expect(some.jobs).toEqual([]);
  });
}
