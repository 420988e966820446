import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import fs from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { candidatesHere } from "../../src/host/browser.ts";
import { browserProcesses, profilesOf } from "../host/chromium-support.ts";
import { long, onlyLong } from "../support/long.ts";
import { enterTemporaryFolder, leaveTemporaryFolder } from "./support.ts";

// The command itself, as it is built, in a browser whose processes are killed.

const root = resolve(import.meta.dirname, "../..");
const main = join(root, "dist/cli/main.js");
const small = [
  "--set",
  "data.trainCount=400",
  "--set",
  "data.testCount=40",
  "--set",
  "model.hidden=[]",
  "--set",
  "model.latent=3",
];

/** `reparam train` in the folder `out`; `onEpoch` hears how many epochs this process has told. */
function training(
  words: readonly string[],
  onEpoch: (epochs: number, child: ChildProcessWithoutNullStreams) => void,
  env = process.env,
) {
  const child = spawn(process.execPath, [main, "train", "--json", ...words], { env });
  let [out, told] = ["", 0];
  child.stdout.on("data", (data) => {
    out += data;
    const epochs = out.match(/"event":"epoch"/g)?.length ?? 0;
    for (; told < epochs; told++) onEpoch(told + 1, child);
  });
  child.stderr.resume();
  return new Promise<{ code: number | null; out: string; pid: number }>((resolve) => {
    child.on("close", (code) => resolve({ code, out, pid: child.pid! }));
  });
}

const begin = (epochs: number, out: string) => [
  ...small,
  "--epochs",
  String(epochs),
  "--batch-size",
  "20",
  "--out",
  out,
];

const finalOf = (run: string) => readFileSync(join(run, "final.safetensors"));

/** Kills a process of the browser of each of these types, one after another, an epoch apart. */
async function killAll(types: readonly string[]) {
  // Some to spare: a run must not end before this process has heard of an epoch, and killed.
  const epochs = types.length + 6;
  // Nobody reads what the calm one says from its first epoch on, which is nothing to a run.
  const calm = await training(begin(epochs, "calm"), (_, child) => child.stdout.destroy());
  expect(calm.code).toBe(0);
  const left = [...types];
  const { code, out, pid } = await training(begin(epochs, "killed"), (_, child) => {
    const victim = browserProcesses(child.pid!).find(({ type }) => type === left[0]);
    if (!victim) return;
    left.shift();
    process.kill(victim.pid, "SIGKILL");
  });
  expect([code, left]).toEqual([0, []]);
  expect(out.match(/"event":"recovery"/g)?.length).toBeGreaterThan(0);
  expect(Buffer.compare(finalOf("killed"), finalOf("calm"))).toBe(0);
  expect(browserProcesses(pid)).toEqual([]);
  expect(profilesOf(pid)).toEqual([]);
}

test.beforeEach(enterTemporaryFolder);
test.afterEach(leaveTemporaryFolder);
test.beforeEach(() => {
  test.skip(!existsSync("/proc") || !existsSync(main), "reads /proc and needs dist: npm run build");
});

test("a killed browser is replaced: the same bytes, and no process or profile is left", async () => {
  test.skip(!long, onlyLong);
  await killAll(["browser"]);
});

/** A home and a cache that can be neither read nor made, not even by root: below a file; and a temporary folder of its own. */
async function homeless() {
  await fs.writeFile("file", "");
  await fs.mkdir("temporary");
  const homes = ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"];
  return {
    ...process.env,
    ...Object.fromEntries(homes.map((name) => [name, resolve("file/home")])),
    CHROME_PATH: candidatesHere()[0].path,
    TMPDIR: resolve("temporary"),
  };
}

/** The processes and temporary files that are there after a run. */
const leftOf = async (pid: number) => [browserProcesses(pid), await fs.readdir("temporary")];

test("a run needs no home that can be written, leaves no process, profile or temporary file, and writes nothing beside itself", async () => {
  const env = await homeless();
  const checkout = await fs.readdir(root);
  const { code, pid } = await training([...small, "--fast-dev-run", "--out", "done"], () => {}, env);
  expect([code, await leftOf(pid)]).toEqual([0, [[], []]]);
  expect(await fs.readdir(root)).toEqual(checkout);
});

test("however a run ends, no process, profile or temporary file is left", async () => {
  test.skip(!long, onlyLong);
  const env = await homeless();
  const stopped = await training(begin(50, "stopped"), (_, child) => child.kill("SIGTERM"), env);
  expect([stopped.code, await leftOf(stopped.pid)]).toEqual([130, [[], []]]);

  const wild = ["--set", "training.optimizer.learningRate=1e30"];
  const failed = await training([...begin(50, "failed"), ...wild], () => {}, env);
  expect([failed.code, await leftOf(failed.pid)]).toEqual([4, [[], []]]);

  // Who is killed cannot clean up: its browser sees the end of a pipe, and its profile goes with the next run.
  const kill = (epochs: number, child: ChildProcessWithoutNullStreams) => void (epochs === 3 && child.kill("SIGKILL"));
  const killed = await training(begin(50, "killed"), kill, env);
  await expect.poll(() => browserProcesses(killed.pid)).toEqual([]);
  const next = await training(["--resume", "killed", "--epochs", "4"], () => {}, env);
  expect([killed.code, next.code, await leftOf(next.pid)]).toEqual([null, 0, [[], []]]);
  expect(await fs.readdir("killed")).not.toContain(".lock");
});

test("two runs at once do not disturb each other: the bytes of one alone", async () => {
  test.skip(!long, onlyLong);
  const alone = await training(begin(4, "alone"), () => {});
  const both = await Promise.all(["one", "two"].map((out) => training(begin(4, out), () => {})));
  expect([alone, ...both].map(({ code }) => code)).toEqual([0, 0, 0]);
  for (const run of ["one", "two"]) expect(Buffer.compare(finalOf(run), finalOf("alone"))).toBe(0);
});

for (const type of ["browser", "renderer", "gpu-process"]) {
  test(`twenty times in one run, a killed ${type} changes no byte`, async () => {
    test.skip(!long, onlyLong);
    await killAll(Array.from({ length: 20 }, () => type));
  });
}

test("Node killed twenty times in one run, and resumed: the same bytes", async () => {
  test.skip(!long, onlyLong);
  expect((await training(begin(44, "calm"), () => {})).code).toBe(0);
  for (let killed = 0; killed < 20; killed++) {
    const words = existsSync("killed/checkpoints/last") ? ["--resume", "killed"] : begin(44, "killed");
    const { code } = await training(words, (epochs, child) => {
      if (epochs === 2) child.kill("SIGKILL");
    });
    expect(code).toBeNull();
  }
  expect((await training(["--resume", "killed"], () => {})).code).toBe(0);
  expect(Buffer.compare(finalOf("killed"), finalOf("calm"))).toBe(0);
});
