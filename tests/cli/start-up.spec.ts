import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { Command } from "commander";
import { commands } from "../../src/cli/commands.ts";

// What is waited for before a word appears is Node finding and linking modules, so it is modules that are counted.

const main = join(resolve(import.meta.dirname, "../.."), "dist/cli/main.js");

/** The modules, each by its file's name, that a command line has loaded when it ends. V8 lists what ran. */
function loadedBy(...words: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "reparam-loaded-"));
  try {
    spawnSync(process.execPath, [main, ...words], { cwd: folder, env: { ...process.env, NODE_V8_COVERAGE: folder } });
    const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
    const urls: string[] = reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url));
    return [...new Set(urls.filter((url) => url.startsWith("file:")))].map((url) => url.replace(/^.*\//, ""));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const commandFiles = ["train-command.js", "model-commands.js", "eval-command.js", "bench-command.js", "doctor.js"];
const bodies = ["train.js", "run-model-command.js", "run-sample.js", "eval.js", "bench.js", "tune.js", "browser.js"];

test("--help and --version load no command", () => {
  for (const word of ["--help", "--version"]) {
    const loaded = loadedBy(word);
    expect(loaded).toContain("main.js");
    expect(loaded.length).toBeLessThanOrEqual(20);
    for (const name of [...commandFiles, ...bodies, "presets.js"]) expect(loaded).not.toContain(name);
  }
});

for (const [words, file, most] of [
  [["train", "--help"], "train-command.js", 35],
  [["sample", "--help"], "model-commands.js", 50],
  [["bench", "--help"], "bench-command.js", 40],
  [["doctor", "--help"], "doctor.js", 20],
] as const) {
  test(`${words.join(" ")} loads its own command, without what it runs`, () => {
    const loaded = loadedBy(...words);
    expect(loaded).toContain(file);
    expect(loaded.length).toBeLessThanOrEqual(most);
    for (const name of [...commandFiles, ...bodies]) if (name !== file) expect(loaded).not.toContain(name);
  });
}

test("a mistake in the config is told before a browser's code, a device's or a kernel's is loaded", () => {
  const loaded = loadedBy("train", "--set", "no=1");
  expect(loaded).toContain("train.js");
  expect(loaded.length).toBeLessThanOrEqual(62);
  for (const name of ["browser.js", "dawn.js", "job.js", "report.js", "bench.js"]) expect(loaded).not.toContain(name);
});

test("the list of commands says of each what it takes", async () => {
  for (const { name, usage, load } of commands) {
    const command = new Command(name);
    (await load())(command, async () => {});
    expect(usage).toBe(command.usage());
  }
});
