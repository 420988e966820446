import { execFileSync, spawn } from "node:child_process";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { processServices } from "../../src/cli/process-services.ts";
import { runProgram } from "../../src/cli/program.ts";
import { modelCommands } from "../../src/cli/use-table.ts";
import { bundled } from "../support/bundled.ts";
import { enterTemporaryFolder, fakeTerminal, leaveTemporaryFolder } from "./support.ts";

const root = resolve(import.meta.dirname, "../..");
const main = join(root, "dist/cli/main.js");

function isStale(): boolean {
  try {
    const built = statSync(main).mtimeMs;
    const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
    return sources.some((name) => name.endsWith(".ts") && statSync(join(root, "src", name)).mtimeMs > built);
  } catch {
    return true;
  }
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function finished(
  command: string,
  words: readonly string[],
  meanwhile?: (err: string, kill: (signal: NodeJS.Signals) => void) => void,
) {
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => {
      err += data;
      meanwhile?.(err, (signal) => child.kill(signal));
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

/** The command in a process of its own. */
const reparam = (...words: string[]) => finished(process.execPath, [main, ...words]);

/** The same in this process: a process of its own takes a third of a second. */
async function reparamHere(...words: string[]): Promise<Ended> {
  const terminal = fakeTerminal();
  const code = await runProgram(words, (mayInstall) => ({ ...processServices(mayInstall), terminal }));
  return { code, out: terminal.out(), err: terminal.err() };
}

test.beforeAll(() => {
  if (!isStale()) return;
  execFileSync("npm", ["run", "build:library"], { cwd: root, shell: process.platform === "win32" });
});
test.beforeEach(enterTemporaryFolder);
test.afterEach(leaveTemporaryFolder);

test("every command has help, and --help itself lists them", async () => {
  const { code, out } = await reparam("--help");
  expect(code).toBe(0);
  for (const command of ["train", ...modelCommands.map(({ use }) => use), "eval", "bench", "doctor"]) {
    expect(out).toContain(`  ${command} `);
    const help = await reparamHere(command, "--help");
    expect(help.code).toBe(0);
    expect(help.out).toContain(`Usage: reparam ${command}`);
  }
});

test("--version prints the version alone", async () => {
  expect((await reparam("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("a mistake on the command line is one sentence with the nearest right word, and exit code 2", async () => {
  const cases: [string[], RegExp][] = [
    [["trian"], /There is no command trian; did you mean train\?/],
    [["train", "--epoch", "3"], /There is no option --epoch; did you mean --epochs\?/],
    [["train", "--bach-size=3"], /There is no option --bach-size; did you mean --batch-size\?/],
    [["sample", "last", "--cuont", "3"], /There is no option --cuont; did you mean --count\?/],
    [["train", "--epochs"], /Option '--epochs <n>' argument missing/],
    [["train", "a.json", "b.json"], /Too many arguments for 'train'/],
    [["sample"], /Missing required argument 'run'/],
    [
      ["train", "--epochs", "some"],
      /--epochs: training.epochs must be a whole number from 1 to 1000000, but it is "some"/,
    ],
    [["train", "--set", "modle.latent=3"], /there is no key modle; did you mean model\?/],
    [["train", "--set", "__proto__.x=3"], /there is no key __proto__/],
    [["train", "--preset", "vea"], /there is no preset "vea"; did you mean vae\?/],
    [["train", "--host", "dwan"], /did you mean dawn\?/],
    [["train", "--data", "mnits"], /did you mean mnist\?/],
    [["train", "nothing.json"], /nothing\.json cannot be read: there is no such file/],
    [["train", "--resume", "nowhere"], /nowhere\/config\.json cannot be read/],
    [["eval", "last"], /There is no run in/],
  ];
  for (const [k, [words, sentence]] of cases.entries()) {
    const { code, out, err } = await (k === 0 ? reparam : reparamHere)(...words);
    expect(err).toMatch(sentence);
    expect(err).toMatch(/^reparam: [^\n]+\n$/);
    expect([code, out]).toEqual([2, ""]);
  }
  expect(readdirSync(".")).toEqual([]);
});

test("with --json a mistake on the command line is an event, too", async () => {
  const mistakes = [
    ["train", "--json", "--epoch", "3"],
    ["train", "nothing.json", "--json"],
    ["eval", "last", "--json"],
  ];
  for (const [k, words] of mistakes.entries()) {
    const { code, out, err } = await (k === 0 ? reparam : reparamHere)(...words);
    const told = JSON.parse(out);
    expect(told).toMatchObject({ event: "end", status: "failed", exitCode: 2, retry: "never" });
    expect([code, err]).toEqual([2, `reparam: ${told.message}\n`]);
  }
});

test("without a command there is help on stderr and exit code 2", async () => {
  const { code, out, err } = await reparam();
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("Usage: reparam");
});

test("what --print-config prints is a config that gives the same config", async () => {
  const flags = ["--preset", "vae-2d", "--seed", "9", "--set", "model.klWeight.name=cyclical"];
  const first = await reparam("train", ...flags, "--print-config");
  expect([first.code, first.err]).toEqual([0, ""]);
  writeFileSync("my.json", first.out);
  expect((await reparamHere("train", "my.json", "--print-config")).out).toBe(first.out);
  expect((await reparamHere("train", "my.json", "--print-config", "--json")).out).toBe(
    `${JSON.stringify(JSON.parse(first.out))}\n`,
  );
});

test("a reader of stdout that goes away is no crash", async () => {
  test.skip(process.platform === "win32", "needs a POSIX shell");
  for (const words of ["train --help", "train --print-config", "--help"]) {
    const { err } = await finished("sh", ["-c", `"${process.execPath}" "${main}" ${words} | true`]);
    expect(err).toBe("");
  }
});

/** A process that is sent these signals, each after the words; its clock goes on by `seconds` with each. */
async function signalled(signals: readonly { after: string; signal: NodeJS.Signals }[], seconds: number) {
  const script = `
    import { watchInterruption } from ${JSON.stringify(join(root, "src/cli/signals.ts"))};
    import { processTerminal } from ${JSON.stringify(join(root, "src/cli/terminal.ts"))};
    let now = 0;
    const signal = watchInterruption(processTerminal(), false, () => (now += ${1000 * seconds}));
    signal.addEventListener("abort", () => console.error("saving"));
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => console.error("got " + name));
    process.on("SIGUSR2", () => process.exit(7));
    setInterval(() => {}, 1000);
    console.error("running");`;
  let sent = 0;
  return finished(process.execPath, [await bundled(script, process.cwd())], (text, kill) => {
    if (!signals[sent] || !text.includes(signals[sent].after)) return;
    kill(signals[sent].signal);
    sent++;
  });
}

for (const first of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`after ${first} a run saves; a second signal ends it at once with 130`, async () => {
    test.skip(process.platform === "win32", "Windows has no signals");
    const { code, err } = await signalled(
      [
        { after: "running", signal: first },
        { after: `got ${first}`, signal: "SIGTERM" },
      ],
      2,
    );
    expect(err).toContain("saving");
    expect(code).toBe(130);
  });
}

test("signals that come within a second are one, as npm and process groups send them", async () => {
  test.skip(process.platform === "win32", "Windows has no signals");
  const { code, err } = await signalled(
    [
      { after: "running", signal: "SIGINT" },
      { after: "got SIGINT", signal: "SIGTERM" },
      { after: "got SIGTERM", signal: "SIGUSR2" },
    ],
    0.1,
  );
  expect(err.match(/^saving$/gm)).toHaveLength(1);
  expect(code).toBe(7);
});

test("a file limit is an error of the file that is too large, and leaves nothing half-written", async () => {
  test.skip(process.platform === "win32", "Windows has no file limits");
  const script = `
    import { writeWhole } from ${JSON.stringify(join(root, "src/cli/files.ts"))};
    import { watchInterruption } from ${JSON.stringify(join(root, "src/cli/signals.ts"))};
    import { processTerminal } from ${JSON.stringify(join(root, "src/cli/terminal.ts"))};
    watchInterruption(processTerminal());
    await writeWhole("large", new Uint8Array(1_000_000)).catch(({ code, message }) => console.log(code, message));`;
  await bundled(script, process.cwd());
  const { code, out } = await finished("sh", ["-c", `ulimit -f 100; exec "${process.execPath}" script.mjs`]);
  expect([code, out]).toEqual([
    0,
    "io large could not be written: the file would be larger than this process may write (ulimit -f).\n",
  ]);
  expect(readdirSync(".").sort()).toEqual(["script.mjs", "script.ts"]);
});
