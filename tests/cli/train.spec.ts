import fs from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { newestGood } from "../../src/cli/checkpoints.ts";
import { train } from "../../src/cli/train.ts";
import type { TrainOptions } from "../../src/cli/train-options.ts";
import { ReparamError } from "../../src/errors.ts";
import { intactFile } from "../../src/train/read-checkpoint.ts";
import { long } from "../support/long.ts";
import {
  enterTemporaryFolder,
  type FakeServices,
  fakeServices,
  fakeTerminal,
  filesBelow,
  leaveTemporaryFolder,
  neverInterrupted,
} from "./support.ts";

/** Twelve examples in batches of four: three steps an epoch. */
const small: TrainOptions = { batchSize: "4", epochs: "2" };

const run = (services: FakeServices, options: TrainOptions, signal = neverInterrupted) =>
  train(undefined, options, services, signal);

const jsonLines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const metricsOf = async (folder: string) => jsonLines(await fs.readFile(join(folder, "metrics.jsonl"), "utf8"));

/** Metrics without their times, which differ from run to run. */
const withoutTimes = (lines: Record<string, unknown>[]) =>
  lines.map(({ seconds: _seconds, stepsPerSecond: _speed, ...rest }) => rest);

test.beforeEach(enterTemporaryFolder);
test.afterEach(leaveTemporaryFolder);

test("a run leaves config, environment, metrics, checkpoints, weights, pictures and report, and nothing else", async () => {
  expect(await run(fakeServices(), { ...small, out: "out" })).toBe(0);
  expect(await filesBelow("out")).toEqual([
    "checkpoints/best",
    "checkpoints/epoch=0001-step=3.safetensors",
    "checkpoints/epoch=0002-step=6.safetensors",
    "checkpoints/last",
    "config.json",
    "environment.json",
    "final.safetensors",
    "latent.png",
    "losses.png",
    "metrics.jsonl",
    "reconstructions.png",
    "report.html",
    "samples.png",
  ]);
  const environment = JSON.parse(await fs.readFile("out/environment.json", "utf8"));
  expect(environment).toMatchObject({ seed: 1, adapter: { description: "a fake" }, variants: ["none"] });
  expect(await fs.readFile("out/checkpoints/last")).toEqual(await fs.readFile("out/final.safetensors"));
});

test("the run's own config.json gives the same config and job once more", async () => {
  const [first, second] = [fakeServices(), fakeServices()];
  await run(first, { ...small, set: ["model.latent=3"], seed: "5", out: "first" });
  await train("first/config.json", { out: "second" }, second, neverInterrupted);
  expect(await fs.readFile("second/config.json", "utf8")).toBe(await fs.readFile("first/config.json", "utf8"));
  expect(second.jobs[0].body).toEqual(first.jobs[0].body);
});

test("without --out the folder is runs/<preset>_<date>, with a number behind it when taken", async () => {
  for (const preset of ["vae-2d", "vae-2d", "vae-2d"]) await run(fakeServices(), { ...small, preset });
  const names = await fs.readdir("runs");
  expect(names).toHaveLength(3);
  for (const name of names) expect(name).toMatch(/^vae-2d_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(-\d)?$/);
});

test("with --json stdout is the events start, epoch and end, and nothing else", async () => {
  const services = fakeServices();
  await run(services, { ...small, out: "out", json: true });
  const events = jsonLines(services.terminal.out());
  expect(events.map(({ event }) => event)).toEqual(["start", "epoch", "epoch", "end"]);
  expect(Object.keys(events[0])).toEqual(["event", "run", "adapter", "parameters", "peakBytes"]);
  const keys = ["event", "epoch", "train", "test", "schedules", "steps", "seconds", "stepsPerSecond"];
  expect(Object.keys(events[1])).toEqual(keys);
  expect(Object.keys(events[1].train)).toEqual(["loss", "reconstruction", "kl"]);
  expect(events[3]).toEqual({ event: "end", run: "out", status: "ok", exitCode: 0 });
  expect(services.terminal.err()).toContain("epoch 2/2");
});

test("with --quiet nothing is printed", async () => {
  const services = fakeServices({ terminal: fakeTerminal({ interactive: true }) });
  expect(await run(services, { ...small, out: "out", quiet: true })).toBe(0);
  expect(services.terminal.out() + services.terminal.err()).toBe("");
});

test("where lines cannot be redrawn there is one line an epoch and no carriage return", async () => {
  const services = fakeServices();
  await run(services, { ...small, out: "out" });
  expect(services.terminal.err()).toBe("");
  expect(services.terminal.out()).not.toContain("\r");
  expect(services.terminal.out().match(/^epoch/gm)).toHaveLength(2);
});

test("--print-config prints the resolved config, and starts and leaves nothing", async () => {
  const services = fakeServices();
  expect(await run(services, { ...small, printConfig: true })).toBe(0);
  expect(JSON.parse(services.terminal.out()).training).toMatchObject({ batchSize: 4, epochs: 2 });
  expect(services.opened).toEqual([]);
  expect(await filesBelow(".")).toEqual([]);
});

test("--print-plan prints each stage's plan under its name, draws no built-in set, and leaves nothing", async () => {
  const asked: (number | undefined)[] = [];
  const services = fakeServices();
  const loadDataset: FakeServices["loadDataset"] = (name, options) => {
    asked.push(options.trainCount);
    return services.loadDataset(name, options);
  };
  expect(await run({ ...services, loadDataset }, { printPlan: true })).toBe(0);
  expect(services.terminal.out()).toBe("kernel  variant\nmatmul  register\n");
  expect(services.jobs[0].body).toMatchObject({
    kind: "plan",
    count: 60_000,
    config: { training: { batchSize: 128 } },
  });
  expect(await run({ ...services, loadDataset }, { data: "shapes", printPlan: true })).toBe(0);
  expect(services.jobs[1].body).toMatchObject({ kind: "plan", count: 30_000 });
  expect(asked).toEqual([1, 1]);
  expect(await run({ ...services, loadDataset }, { preset: "stacked-denoising-ae", printPlan: true })).toBe(0);
  expect(services.terminal.out()).toContain("layer 1\nkernel  variant\nmatmul  register\n\nlayer 2\nkernel");
  expect(await fs.readdir(".")).toEqual([]);
});

test("a batch that nobody asked for is no larger than the data, and that is said", async () => {
  const services = fakeServices();
  expect(await run(services, { epochs: "1", out: "out" })).toBe(0);
  expect(services.jobs[0].body).toMatchObject({ config: { training: { batchSize: 12 } } });
  expect(services.terminal.out()).toContain("batch    12 instead of 128: tiny has only 12 training examples\n");
});

test("--host chooses where the job runs, and --fast-dev-run reaches it", async () => {
  const services = fakeServices();
  await run(services, { ...small, out: "out", host: "dawn", fastDevRun: true });
  expect(services.opened).toEqual(["dawn"]);
  expect(services.jobs[0].body).toMatchObject({ kind: "train", fastDevRun: true, resume: false });
});

test("bad config, data or folder is found before a browser starts, and leaves nothing", async () => {
  await fs.writeFile("file", "");
  const missing = { loadDataset: () => Promise.reject(new ReparamError("data", "There is no such data.")) };
  const cases: [TrainOptions, RegExp, Partial<FakeServices>?][] = [
    [{ epochs: "0" }, /--epochs: training.epochs must be/],
    [{ batchSize: "13" }, /training.batchSize is 13, but tiny has only 12 training examples/],
    [{ ...small, set: ["data.trainCount=99"] }, /data.trainCount is 99, but digits has only 12/],
    [{ ...small, data: "none" }, /There is no such data/, missing],
    [{ ...small, out: "file/run" }, /file\/run could not be written: a part of the path is a file/],
    [{ ...small, out: "/proc/run" }, /\/proc\/run could not be written/],
    [{ ...small, out: "." }, /--out \. is not empty; choose another folder/],
    [{ resume: true }, /There is no run/],
  ];
  for (const [options, sentence, others] of cases) {
    const services = { ...fakeServices(), ...others };
    const error = await run(services, options).catch((caught) => caught);
    expect(error).toBeInstanceOf(ReparamError);
    expect(error.message).toMatch(sentence);
    expect(["usage", "config", "data"]).toContain(error.code);
    expect(services.opened).toEqual([]);
  }
  expect(await fs.readdir(".")).toEqual(["file"]);
});

test("when no browser can be opened, the new folder is taken away again", async () => {
  const open = () => {
    throw new ReparamError("device", "There is no browser.");
  };
  await expect(run(fakeServices({ open }), { ...small, out: "a/b/c" })).rejects.toThrow("There is no browser.");
  await expect(run(fakeServices({ open }), small)).rejects.toThrow("There is no browser.");
  expect(await fs.readdir(".")).toEqual([]);
});

test("an interruption saves, says how to go on and exits with 130", async () => {
  const stop = new AbortController();
  const services = fakeServices({ beforeStep: (step) => (step === 4 ? stop.abort() : undefined) });
  expect(await run(services, { ...small, out: "my run", json: true }, stop.signal)).toBe(130);
  expect(await filesBelow("my run/checkpoints")).toContain("epoch=0002-step=4.safetensors");
  expect(await fs.readlink("my run/checkpoints/last")).toBe("epoch=0002-step=4.safetensors");
  expect(services.terminal.err()).toContain("Saved. Resume with: reparam train --resume 'my run'\n");
  const told = { event: "end", run: "my run", status: "interrupted", exitCode: 130, retry: "again" };
  expect(jsonLines(services.terminal.out()).pop()).toMatchObject(told);
  expect(await filesBelow("my run")).not.toContain("final.safetensors");
});

test("interrupted before the start, nothing is left", async () => {
  const services = fakeServices();
  await expect(run(services, { ...small, out: "out" }, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  expect(services.jobs).toEqual([]);
  expect(await fs.readdir(".")).toEqual([]);
});

for (const at of long ? [1, 3, 4, 5] : [4]) {
  test(`interrupted at step ${at} and resumed, a run has the files of one that never paused`, async () => {
    await run(fakeServices(), { ...small, out: "whole" });
    const stop = new AbortController();
    const pausing = fakeServices({ beforeStep: (step) => (step === at ? stop.abort() : undefined) });
    await run(pausing, { ...small, out: "paused" }, stop.signal);
    const resuming = fakeServices();
    expect(await run(resuming, { resume: "paused" })).toBe(0);
    expect(resuming.jobs[0].body).toMatchObject({ resume: true });
    expect(withoutTimes(await metricsOf("paused"))).toEqual(withoutTimes(await metricsOf("whole")));
    for (const file of ["final.safetensors", "config.json", "samples.png", "losses.png"]) {
      expect(await fs.readFile(join("paused", file))).toEqual(await fs.readFile(join("whole", file)));
    }
  });
}

test("a resumed run drops metrics later than its checkpoint, and a line that a crash cut off", async () => {
  await run(fakeServices(), { ...small, out: "out" });
  await fs.rm("out/checkpoints/epoch=0002-step=6.safetensors");
  await fs.appendFile("out/metrics.jsonl", '{"epoch":3,"st');
  await run(fakeServices(), { resume: "out" });
  expect((await metricsOf("out")).map(({ step }) => step)).toEqual([3, 6]);
});

test("--resume and --resume last continue the newest run, and --epochs trains it longer", async () => {
  await run(fakeServices(), { ...small, out: "runs/old" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await run(fakeServices(), { ...small, out: "runs/new" });
  await run(fakeServices(), { resume: true, epochs: "3" });
  expect((await metricsOf("runs/new")).map(({ step }) => step)).toEqual([3, 6, 9]);
  await run(fakeServices(), { resume: "last", epochs: "4" });
  expect((await metricsOf("runs/new")).map(({ step }) => step)).toEqual([3, 6, 9, 12]);
  expect(JSON.parse(await fs.readFile("runs/new/config.json", "utf8")).training.epochs).toBe(4);
  expect(await metricsOf("runs/old")).toHaveLength(2);
});

test("a resumed run takes no config file, and what it refuses it refuses before a browser starts", async () => {
  await run(fakeServices(), { ...small, out: "out" });
  const services = fakeServices();
  await expect(train("x.json", { resume: "out" }, services, neverInterrupted)).rejects.toThrow(/a config file/);
  await expect(run(services, { resume: "out", seed: "2" })).rejects.toThrow(/cannot go with --seed/);
  expect(services.opened).toEqual([]);
});

test("a run that is done says how to train it longer", async () => {
  await run(fakeServices(), { ...small, out: "out" });
  const services = fakeServices();
  expect(await run(services, { resume: "out" })).toBe(0);
  expect(services.terminal.out()).toContain("This run had already done its 6 steps. Train it longer with: ");
});

test("a full disk stops the run with one sentence that names the last good checkpoint, and nothing half-written", async () => {
  const { writeFile } = fs;
  fs.writeFile = async (path, ...rest) => {
    if (!String(path).includes("step=6")) return writeFile(path, ...rest);
    await writeFile(path, "half");
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  const services = fakeServices();
  try {
    expect(await run(services, { ...small, epochs: "3", out: "out", json: true })).toBe(5);
  } finally {
    fs.writeFile = writeFile;
  }
  expect(services.terminal.err().split("\n").slice(-2)).toEqual([
    "reparam: out/checkpoints/epoch=0002-step=6.safetensors could not be written: the disk is full. The last good checkpoint " +
      "is out/checkpoints/epoch=0001-step=3.safetensors; go on from it with: reparam train --resume out",
    "",
  ]);
  const told = { event: "end", run: "out", status: "failed", exitCode: 5, retry: "again" };
  expect(jsonLines(services.terminal.out()).pop()).toMatchObject(told);
  expect(await fs.readdir("out/checkpoints")).toEqual(["best", "epoch=0001-step=3.safetensors", "last"]);
  expect(await run(fakeServices(), { resume: "out" })).toBe(0);
});

test("a loss that became non-finite ends the run with 4: never again", async () => {
  const error = new ReparamError("nonfinite", "The loss is NaN at step 4; the first bad node is encoder/logVariance.");
  const beforeStep = (step: number) => {
    if (step === 4) throw error;
  };
  const services = fakeServices({ beforeStep });
  expect(await run(services, { ...small, out: "out", json: true })).toBe(4);
  expect(services.terminal.err()).toContain(`reparam: ${error.message} `);
  const told = { event: "end", run: "out", status: "failed", exitCode: 4, retry: "never" };
  expect(jsonLines(services.terminal.out()).pop()).toMatchObject(told);
});

test("memory that a later stage lacks ends the run with 3: elsewhere, and no browser is opened again for it", async () => {
  const error = new ReparamError("memory", "The GPU has no room for this run.");
  const beforeStep = (step: number) => {
    if (step === 4) throw error;
  };
  const services = fakeServices({ beforeStep });
  expect(await run(services, { ...small, out: "out", json: true })).toBe(3);
  expect(services.opened).toHaveLength(1);
  const told = { event: "end", run: "out", status: "failed", exitCode: 3, retry: "elsewhere" };
  expect(jsonLines(services.terminal.out()).pop()).toMatchObject(told);
});

/** Services whose browser dies before each of these steps, once each. */
function dying(...steps: number[]) {
  const left = [...steps];
  const beforeStep = (step: number) => {
    if (left[0] !== step) return;
    left.shift();
    throw new ReparamError("device", "The browser's page closed before the job was done.");
  };
  return fakeServices({ beforeStep });
}

test("a browser that dies is replaced, and the run goes on from its last checkpoint to the same files", async () => {
  await run(fakeServices(), { ...small, epochs: "3", out: "whole" });
  const services = dying(1, 4, 5, 8);
  expect(await run(services, { ...small, epochs: "3", out: "died", json: true })).toBe(0);
  expect(services.opened).toHaveLength(5);
  expect(services.jobs.map(({ body }) => body.resume)).toEqual([false, false, true, true, true]);
  const events = jsonLines(services.terminal.out());
  const kinds = ["start", "recovery", "epoch", "recovery", "recovery", "epoch", "recovery", "epoch", "end"];
  expect(events.map(({ event }) => event)).toEqual(kinds);
  expect(events.filter(({ event }) => event === "recovery").map(({ step }) => step)).toEqual([0, 3, 3, 6]);
  expect(withoutTimes(await metricsOf("died"))).toEqual(withoutTimes(await metricsOf("whole")));
  for (const file of ["final.safetensors", "config.json", "samples.png", "losses.png"]) {
    expect(await fs.readFile(join("died", file))).toEqual(await fs.readFile(join("whole", file)));
  }
  const { recoveries } = JSON.parse(await fs.readFile("died/environment.json", "utf8"));
  expect(recoveries).toHaveLength(4);
  expect(await fs.readFile("died/report.html", "utf8")).toContain("page closed before the job was done");
});

test("a browser that dies again and again at the same place ends the run with 6: again", async () => {
  const services = dying(4, 4, 4, 4, 4, 4);
  expect(await run(services, { ...small, out: "out", json: true })).toBe(6);
  expect(services.opened).toHaveLength(5);
  expect(services.terminal.err()).toMatch(/page closed .*go on from it with: reparam train --resume out\n$/);
  expect(jsonLines(services.terminal.out()).pop()).toMatchObject({ status: "failed", exitCode: 6, retry: "again" });
  expect(await run(fakeServices(), { resume: "out" })).toBe(0);
});

test("the last three checkpoints and the best one stay, or as many as asked for", async () => {
  const names = (folder: string) => fs.readdir(join(folder, "checkpoints"));
  await run(fakeServices(), { ...small, epochs: "5", out: "three" });
  const files = [3, 6, 9, 12, 15].map((step) => `epoch=000${step / 3}-step=${step}.safetensors`);
  expect(await names("three")).toEqual(["best", ...files.slice(2), "last"]);
  await run(fakeServices(), { ...small, epochs: "5", keep: "1", out: "one" });
  expect(await names("one")).toEqual(["best", files[4], "last"]);
  await run(fakeServices(), { ...small, epochs: "5", keep: "null", out: "all" });
  expect(await names("all")).toEqual(["best", ...files, "last"]);
});

test("the newest checkpoint, cut off at any byte, is not gone on from: the one before it is, and that is said", async () => {
  await run(fakeServices(), { ...small, out: "whole" });
  const newest = "checkpoints/epoch=0002-step=6.safetensors";
  const bytes = await fs.readFile(join("whole", newest));
  const refusal = (length: number) => {
    try {
      return String(intactFile(bytes.subarray(0, length), "cut"));
    } catch (error) {
      return (error as Error).message;
    }
  };
  const lengths = [...bytes.keys()];
  const words = "cut is not a usable safetensors file: ";
  expect(lengths.filter((length) => !refusal(length).startsWith(words))).toEqual([]);
  for (const length of lengths.filter((length) => length % 400 === 0)) {
    await fs.writeFile(join("whole", newest), bytes.subarray(0, length));
    const good = await newestGood("whole");
    expect([good?.step, good?.damaged.map(({ path }) => path)]).toEqual([3, [join("whole", newest)]]);
  }
  await fs.writeFile("whole/checkpoints/.epoch=0002-step=6.safetensors.77.tmp", "half");
  const services = fakeServices();
  expect(await run(services, { resume: "whole" })).toBe(0);
  expect(services.terminal.out()).toMatch(
    /step=6.safetensors is not a usable .*\nnote .*Going back to .*step=3\.safet/,
  );
  expect(await fs.readFile(join("whole", newest))).toEqual(bytes);
  expect(await fs.readFile("whole/checkpoints/last")).toEqual(bytes);
  expect(await filesBelow("whole/checkpoints")).toEqual([
    "best",
    "epoch=0001-step=3.safetensors",
    "epoch=0002-step=6.safetensors",
    "epoch=0002-step=6.safetensors.damaged",
    "last",
  ]);
});

test("where every checkpoint is damaged, that is one sentence", async () => {
  await run(fakeServices(), { ...small, out: "out" });
  for (const name of ["epoch=0001-step=3", "epoch=0002-step=6"]) {
    await fs.writeFile(`out/checkpoints/${name}.safetensors`, "");
  }
  const services = fakeServices();
  await expect(run(services, { resume: "out" })).rejects.toMatchObject({
    code: "checkpoint",
    message:
      "All 2 checkpoints of out cannot be used: out/checkpoints/epoch=0002-step=6.safetensors is not a usable safetensors file: " +
      "it has only 0 bytes.",
  });
  expect(services.opened).toEqual([]);
});

test("a mistake of the program itself is reported in one line, with the way to its stack", async () => {
  const beforeStep = () => {
    throw new TypeError("x is not a function");
  };
  const services = fakeServices({ beforeStep });
  expect(await run(services, { ...small, out: "out" })).toBe(1);
  expect(services.terminal.err()).toBe(
    "reparam: x is not a function (This is a fault in reparam; REPARAM_DEBUG=1 shows where.)\n",
  );
});
