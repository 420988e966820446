import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import fs from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import type { BenchEvent, BenchJob } from "../../src/bench/messages.ts";
import { type BenchReport, keyOf } from "../../src/bench/report.ts";
import { benchJob } from "../../src/cli/bench-options.ts";
import { type KnownPreset, presets } from "../../src/config/presets.ts";
import { candidatesHere } from "../../src/host/browser.ts";
import { dawnHost } from "../../src/host/dawn.ts";
import type { Message } from "../../src/host/job.ts";
import { runJob } from "../../src/jobs/job.ts";
import { enterTemporaryFolder, leaveTemporaryFolder } from "../cli/support.ts";
import { launchWith } from "../host/chromium-support.ts";
import { drivers, engineDevice } from "../support/dawn.ts";
import { hurried } from "../support/hurried.ts";
import { keptGpu } from "../support/kept-gpu.ts";
import { HANG_SECONDS, long, onlyLong } from "../support/long.ts";

const root = resolve(import.meta.dirname, "../..");
const main = join(root, "dist/cli/main.js");

/** No launch is given up for being slow. */
const timeout = String(Math.min(HANG_SECONDS, 3600)); // an hour is the most that the command takes

/** What the benchmark takes for the presets while `use` runs: two small models. */
async function withSmallPresets<T>(use: () => Promise<T>): Promise<T> {
  const all = { ...presets };
  const small = (latent: number): KnownPreset => ({
    summary: "small",
    statement: presets.vae.statement,
    options: { hidden: [], latent },
    training: { batchSize: 8 },
  });
  const table = presets as Record<string, object>;
  const become = (entries: object) => {
    for (const name of Object.keys(table)) delete table[name];
    Object.assign(table, entries);
  };
  become({ vae: small(3), wider: small(5) });
  try {
    return await use();
  } finally {
    become(all);
  }
}

/** The events of a bench job that runs in this process as with --host dawn. */
async function eventsOf(job: BenchJob): Promise<BenchEvent[]> {
  const device = await engineDevice(drivers[drivers.length - 1]);
  test.skip(device === undefined, "no Dawn adapter");
  const events: BenchEvent[] = [];
  const host = dawnHost(keptGpu(device!.entry), runJob);
  await hurried(() =>
    host.run({ body: job as unknown as Message["body"] }, ({ body }) => {
      events.push(body as unknown as BenchEvent);
    }),
  );
  return events;
}

test("the job bench names its adapter first and ends with its report", async () => {
  const events = await eventsOf(await benchJob(["matmul"], { shape: ["8x8x8"], rounds: "1", timeout }));
  expect(events[0]).toMatchObject({ event: "start", adapterName: expect.stringMatching(/./) });
  expect(events.at(-1)).toMatchObject({
    event: "end",
    report: { version: 1, rounds: 1, hung: false, kernels: [{ kernel: "matmul", shape: "8x8x8 NN", status: "ok" }] },
  });
  expect(events.filter(({ event }) => event === "progress").length).toBeGreaterThan(3);
});

async function expectTrainingSteps(leastFlops: number): Promise<void> {
  const events = await eventsOf(await benchJob([], { endToEnd: true, rounds: "1", timeout }));
  const { report } = events.at(-1) as Extract<BenchEvent, { event: "end" }>;
  expect(report.kernels.map(({ kernel, variant, status }) => [kernel, variant, status])).toEqual(
    Object.keys(presets).map((name) => ["training step", name, "ok"]),
  );
  for (const { time, flops, start, notes } of report.kernels) {
    expect(start!.pipelines).toBeLessThanOrEqual(start!.launches);
    expect(start!.firstStep).toBeLessThan(start!.tenthStep);
    expect(notes.join(" ")).toContain(`${start!.launches} launches of ${start!.pipelines} pipelines`);
    expect(flops).toBeGreaterThan(leastFlops);
    expect(time!.median).toBeGreaterThan(0);
    expect(time!.roofline).toBeGreaterThan(0);
  }
}

test("--end-to-end times a training step of every preset, here of small ones", () =>
  withSmallPresets(() => expectTrainingSteps(1e4)));

test("--end-to-end times a training step of every preset at full size", async () => {
  test.skip(!long, onlyLong);
  await expectTrainingSteps(4e8);
});

/** The launches of a preset's step, so many of which are products, and the step. */
async function expectPlan(batchSize: number, count: number): Promise<void> {
  const events = await eventsOf(await benchJob([], { plan: "vae", rounds: "2", timeout }));
  const { report } = events.at(-1) as Extract<BenchEvent, { event: "end" }>;
  const { kernels, plan } = report;
  const [launches, [step]] = [kernels.slice(0, -1), kernels.slice(-1)];
  expect(step).toMatchObject({
    kernel: "training step",
    variant: "vae",
    shape: `batch ${batchSize}`,
    status: "ok",
  });
  expect(launches[0].kernel).toBe("data/pick");
  expect(launches.at(-1)!.kernel).toBe("optimizer/update");
  expect(new Set(launches.map(keyOf)).size).toBe(launches.length);
  for (const { time, status } of launches) expect([status, time!.median > 0]).toEqual(["ok", true]);
  const sum = launches.reduce((total, { time }) => total + time!.median, 0);
  for (const { time, share } of launches) expect(share).toBeCloseTo(time!.median / sum, 10);
  const [products, rest] = plan!.families;
  expect([products.name, products.launches, rest.name, rest.launches]).toEqual([
    "products",
    count,
    "rest",
    launches.length - count,
  ]);
  expect(products.seconds + rest.seconds).toBeCloseTo(sum, 10);
  expect(products.share + rest.share).toBeCloseTo(1, 10);
}

test("--plan times every launch of a preset's step, here of a small one, and the step", () =>
  withSmallPresets(() => expectPlan(8, 5)));

test("--plan times every launch of a preset's step at full size", async () => {
  test.skip(!long, onlyLong);
  await expectPlan(128, 11);
});

const page = join(root, "dist/page");

test("in the page of the browser host wgsl_reflect is a file of its own", () => {
  test.skip(!existsSync(page), "needs dist: npm run build");
  expect(readdirSync(join(page, "assets")).filter((name) => name.startsWith("wgsl_reflect"))).toHaveLength(1);
});

test("in Chromium a kernel of one's own is read, checked and timed", async () => {
  test.skip(!long, onlyLong);
  test.skip(!existsSync(page), "needs dist: npm run build");
  test.skip(candidatesHere().length === 0, "no Chromium");
  const host = await launchWith(page);
  try {
    const code = `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x + SHIFT] = 1.0; }
override SHIFT: u32;`;
    const kernel = (SHIFT: number) => ({
      ...job,
      own: {
        name: "ones",
        code,
        constants: { SHIFT },
        workgroups: [1, 1, 1] as const,
        buffers: { y: { type: "f32" as const, shape: 64, fill: "zeros" as const } },
      },
    });
    const job = { ...(await benchJob([], { rounds: "1", timeout })), kernels: [] };
    const reports: BenchReport[] = [];
    for (const shift of [0, 1]) {
      await host.run({ body: kernel(shift) as unknown as Message["body"] }, ({ body }) => {
        if (body.event === "end") reports.push(body.report as unknown as BenchReport);
      });
    }
    expect(reports[0].adapterName.endsWith("(software, no GPU)")).toBe(reports[0].adapter.fallback);
    expect(reports.map(({ kernels }) => kernels[0].status)).toEqual(["ok", "wrong"]);
    expect(reports[0].kernels[0].time!.median).toBeGreaterThan(0);
    expect(reports[1].kernels[0].problem).toMatch(/^It writes outside its buffers: 0 bytes beyond the end of y/);
  } finally {
    await host.close();
  }
});

test.describe("the command", () => {
  test.beforeAll(() => {
    const newest = Math.max(
      ...["src", "shaders"].flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
          (name) => statSync(join(root, folder, name)).mtimeMs,
        ),
      ),
    );
    if (existsSync(main) && statSync(main).mtimeMs >= newest) return;
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
      cwd: root,
    });
  });
  test.beforeEach(enterTemporaryFolder);
  test.afterEach(leaveTemporaryFolder);

  const reparam = (...words: string[]) =>
    new Promise<{ code: number | null; out: string; err: string }>((resolve, reject) => {
      const child = spawn(process.execPath, [main, ...words], { stdio: ["ignore", "pipe", "pipe"] });
      let [out, err] = ["", ""];
      child.stdout.on("data", (data) => (out += data));
      child.stderr.on("data", (data) => (err += data));
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, out, err }));
    });

  test("a kernel that loops without end is given up, in words, and the process ends with 1", async () => {
    await fs.writeFile(
      "loop.wgsl",
      `@group(0) @binding(0) var<storage, read_write> o: array<u32>;
@compute @workgroup_size(1) fn main() {
  var i = 1u;
  while (i != 0u) { i = (i * 3u) | 1u; if (o[0] == 77u) { break; } }
  o[0] = i;
}`,
    );
    const words = ["bench", "--wgsl", "loop.wgsl", "--workgroups", "1", "--buffer", "o=u32[4]", "--json"];
    // On a slow machine the ceilings, which are measured first, may need longer than the first of these.
    for (const seconds of [1, 8, 64, 512]) {
      const { code, out, err } = await reparam(...words, "--timeout", String(seconds), "--host", "dawn");
      test.skip(code === 3, "no Dawn adapter");
      expect(`${code} ${err}`).toMatch(/^1 /);
      const report = JSON.parse(out);
      expect(report).toMatchObject({ event: "bench", hung: true });
      const [{ status, problem }] = report.kernels;
      if (status === "skipped" && seconds < 512) continue;
      expect(status).toBe("failed");
      expect(problem).toBe(`It did not end within ${seconds} s: it may loop without end, or need more time.`);
      break;
    }
  });

  test("an unknown kernel ends with 2 and the nearest name", async () => {
    const { code, out, err } = await reparam("bench", "matmull");
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(/^reparam: There is no kernel matmull; did you mean matmul\?/);
  });
});
