import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { bench } from "../../src/cli/bench.ts";
import type { BenchOptions } from "../../src/cli/bench-options.ts";
import { train } from "../../src/cli/train.ts";
import { tune } from "../../src/cli/tune.ts";
import { tunedFile } from "../../src/cli/tuned-file.ts";
import { adapterKey } from "../../src/gpu/device.ts";
import type { Message } from "../../src/host/job.ts";
import type { TrainJob } from "../../src/jobs/messages.ts";
import type { TuneJob, TuneReport } from "../../src/tune/messages.ts";
import type { TunedProduct } from "../../src/tune/tune.ts";
import { enterTemporaryFolder, fakeServices, leaveTemporaryFolder, neverInterrupted } from "./support.ts";

const { XDG_CACHE_HOME } = process.env;
test.beforeEach(async () => {
  await enterTemporaryFolder();
  process.env.XDG_CACHE_HOME = process.cwd();
});
test.afterEach(async () => {
  if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
  await leaveTemporaryFolder();
});

const flat = (value: number) => ({ median: value, p10: value, p90: value });
const quicker: TunedProduct = {
  class: "matmul TN 1024x128x512 in slices",
  name: "matmul TN 784x128x400 in slices",
  before: "subgroup 8",
  source: "default",
  choice: "subgroup 16",
  gain: 1.25,
  candidates: [
    { choice: "subgroup 8", time: flat(0.005), rounds: 15, renewed: true },
    { choice: "subgroup 16", time: flat(0.004), rounds: 15, renewed: false },
  ],
};
const wrong = { choice: "general 16", rounds: 0, renewed: false, problem: "Its result differs by 1.0e-3." };
const adapter = { vendor: "nobody", architecture: "", device: "", description: "a fake", fallback: true };

function services(products: readonly TunedProduct[]) {
  const report: TuneReport = {
    version: 1,
    adapter,
    adapterName: "a fake (software, no GPU)",
    clock: "timestamps",
    rounds: 15,
    products,
  };
  const base = fakeServices();
  const jobs: TuneJob[] = [];
  return {
    ...base,
    tunings: jobs,
    openHost: async (kind: "chromium" | "dawn") => ({
      ...(await base.openHost(kind, () => {})),
      run: async (job: Message, receive: (message: Message) => void | Promise<void>) => {
        jobs.push(job.body as unknown as TuneJob);
        await receive({ body: { event: "start", adapterName: report.adapterName } });
        await receive({ body: { event: "progress", line: "matmul (1 of 1)" } });
        await receive({ body: { event: "end", report } as unknown as Message["body"] });
      },
    }),
  };
}

const fileOf = async (some: ReturnType<typeof services>) => tunedFile(await some.openHost("chromium"));

test("the table says what was chosen and why, and the choices are kept where it says", async () => {
  const same = { ...quicker, class: "matmul NN 8x8x8", choice: "subgroup 8", gain: 1, source: "shipped" };
  const some = services([quicker, same]);
  expect(await tune(["vae"], { tune: true }, some)).toBe(0);
  const lines = some.terminal.out().split("\n");
  expect(lines[0]).toBe("a fake (software, no GPU), headless Chromium (0)");
  expect(lines[1]).toBe("timestamps of the adapter, up to 15 interleaved rounds; what may be noise changes nothing");
  expect(lines[3]).toMatch(/^class of products +now +choice +gain +candidates$/);
  expect(lines[4]).toMatch(
    /^matmul TN 1024x128x512 in slices +subgroup 8 +subgroup 16 +1\.25x +subgroup 16 4\.00 ms, subgroup 8 5\.00 ms$/,
  );
  expect(lines[5]).toMatch(/^matmul NN 8x8x8 +subgroup 8 \(shipped\) +subgroup 8 +- +subgroup 16 /);
  const path = await fileOf(some);
  expect(some.terminal.err()).toContain(`Kept in ${path}: reparam train uses it from now on.\n`);
  expect(JSON.parse(await fs.readFile(path, "utf8")).adapters).toEqual({
    [adapterKey(adapter)]: { [quicker.class]: "subgroup 16", "matmul NN 8x8x8": "subgroup 8" },
  });
});

test("training gets what was kept, and says nothing of it", async () => {
  await tune([], { tune: true, json: true }, services([quicker]));
  const some = fakeServices();
  await train(undefined, { out: "run", quiet: true, maxSteps: "1", batchSize: "4" }, some, neverInterrupted);
  expect((some.jobs[0].body as unknown as TrainJob).tuned).toEqual({
    [adapterKey(adapter)]: { [quicker.class]: "subgroup 16" },
  });
  expect(some.terminal.err()).toBe("");
});

test("--json prints one line", async () => {
  const some = services([quicker]);
  await tune([], { tune: true, json: true }, some);
  const printed = some.terminal.out();
  expect(printed.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(printed)).toMatchObject({
    event: "tune",
    host: { kind: "chromium" },
    adapterName: "a fake (software, no GPU)",
    products: [{ class: quicker.class, choice: "subgroup 16" }],
  });
});

test("a candidate that is wrong is named, ends with 1, and where none was right nothing is kept", async () => {
  const some = services([{ ...quicker, choice: "general 16", candidates: [wrong] }]);
  expect(await tune([], { tune: true }, some)).toBe(1);
  expect(some.terminal.out()).toContain(`${quicker.class}, general 16: Its result differs by 1.0e-3.`);
  expect(JSON.parse(await fs.readFile(await fileOf(some), "utf8")).adapters).toEqual({ [adapterKey(adapter)]: {} });
});

test("names are presets and kernels; without names all presets are tuned", async () => {
  const some = services([]);
  await tune([], { tune: true }, some);
  await tune(["conv-vae", "matmul"], { tune: true, rounds: "3", exhaustive: true }, some);
  await tune(["conv"], { tune: true, shape: ["1x5x6x3x1"] }, some);
  expect(some.tunings[0]).toMatchObject({ kind: "tune", kernels: [], exhaustive: false, rounds: 15 });
  expect(some.tunings[0].presets).toContain("vae");
  expect(some.tunings[1]).toMatchObject({ presets: ["conv-vae"], kernels: ["matmul"], exhaustive: true, rounds: 3 });
  expect(some.tunings[2]).toMatchObject({ presets: [], kernels: ["conv"], shapes: ["1x5x6x3x1"] });
});

const mistakes: [string, readonly string[], BenchOptions, RegExp][] = [
  ["an unknown name", ["conv-va"], {}, /--tune takes presets and kernels, not conv-va; did you mean conv-vae\?/],
  ["a kernel that is no product", ["adam"], {}, /--tune takes presets and kernels, not adam/],
  ["a shape for a preset", ["vae"], { shape: ["8x8x8"] }, /--shape needs the name of a kernel/],
  ["a shape that is none", ["matmul"], { shape: ["8x8"] }, /is not of the form MxKxN/],
  ["another kind of run", [], { endToEnd: true }, /--tune does not go with --end-to-end/],
  ["too few rounds to judge by", [], { rounds: "2" }, /--rounds must be a whole number from 3/],
];

for (const [mistake, names, options, message] of mistakes) {
  test(`${mistake} is answered before a browser starts`, async () => {
    const some = services([]);
    await expect(tune(names, { ...options, tune: true }, some)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(message),
    });
    expect(some.opened).toEqual([]);
  });
}

test("--exhaustive without --tune is a mistake", async () => {
  await expect(bench([], { exhaustive: true }, fakeServices())).rejects.toMatchObject({
    code: "usage",
    message: "--exhaustive goes with --tune.",
  });
});
