// ./bench.sh — checks and times every kernel, times training steps of every preset, trains each preset for a while, and
// times PyTorch's steps where PyTorch is installed. All of it is written as JSON into one folder.
import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { presets } from "./app/dist/config/presets.js";

const here = dirname(fileURLToPath(import.meta.url));
const HELP = `Usage: ./bench.sh [options]
  --out FOLDER    new folder for the results (results)
  --kernels A,B   only these kernels (default: all; ./reparam bench --help names them)
  --presets A,B   presets to train (default: all: ${Object.keys(presets).join(", ")})
  --steps N       training steps of each (500)
  --rounds N      samples a kernel (15)

Results: machine.json (the machine, and how each part ended), kernels.json, steps.json (training steps),
train-<preset>.jsonl with its run folder train-<preset>/, and torch.json where python3 has PyTorch.
The Vulkan driver is the system's, or the one that VK_DRIVER_FILES names.`;

const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: "results" },
    kernels: { type: "string", default: "" },
    presets: { type: "string", default: Object.keys(presets).join() },
    steps: { type: "string", default: "500" },
    rounds: { type: "string", default: "15" },
    help: { type: "boolean", default: false },
  },
});

/** Runs a command with its stdout in a file of the results and its stderr here. Resolves to the exit code. */
function run(command, args, file) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.pipe(createWriteStream(file));
    child.once("error", ({ message }) => done(message));
    child.once("close", done);
  });
}

/** What a command prints, or null where it is missing or fails. */
function output(command, ...args) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

async function main() {
  const out = resolve(options.out);
  if (existsSync(out)) throw new Error(`${out} exists: name another folder with --out`);
  mkdirSync(out, { recursive: true });
  const kernels = options.kernels.split(",").filter(Boolean);
  const reparam = join(here, "reparam");
  const rounds = ["--rounds", options.rounds, "--json"];
  const steps = ["--max-steps", options.steps, "--epochs", "100000", "--json"]; // no end but that of the steps
  const parts = [
    ["kernels.json", reparam, ["bench", ...kernels, "--large", ...rounds]],
    ["steps.json", reparam, ["bench", "--end-to-end", ...rounds]],
    ...options.presets
      .split(",")
      .filter(Boolean)
      .map((preset) => [
        `train-${preset}.jsonl`,
        reparam,
        ["train", "--preset", preset, ...steps, "--out", join(out, `train-${preset}`)],
      ]),
  ];
  if (output("python3", "-c", "import torch") !== null)
    parts.push(["torch.json", "python3", [join(here, "torch_step.py")]]);
  else console.error("python3 has no PyTorch here: its steps are left out");

  const ended = {};
  for (const [file, command, args] of parts) {
    console.error(`\n== ${file}`);
    const start = performance.now();
    const exitCode = await run(command, args, join(out, file));
    ended[file] = { exitCode, seconds: (performance.now() - start) / 1000 };
    if (exitCode !== 0) console.error(`${file}: ended with ${exitCode}`);
  }
  const { adapterName = null } = readReport(join(out, "kernels.json"));
  const machine = {
    date: new Date().toISOString(),
    adapterName,
    processor: os.cpus()[0]?.model,
    threads: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    system: `${os.type()} ${os.release()}`,
    distribution: /^PRETTY_NAME="?(.*?)"?$/m.exec(readText("/etc/os-release"))?.[1] ?? null,
    glibc: process.report.getReport().header.glibcVersionRuntime,
    driverFiles: process.env.VK_DRIVER_FILES ?? null,
    nvidia: output("nvidia-smi", "--query-gpu=name,driver_version,clocks.max.sm,power.limit", "--format=csv,noheader"),
    parts: ended,
  };
  writeFileSync(join(out, "machine.json"), `${JSON.stringify(machine, null, 2)}\n`);
  console.log(`\n${adapterName ?? "no adapter"}: results in ${out}`);
  if (/software/i.test(adapterName ?? "")) console.log("A software adapter: its figures say nothing about a GPU.");
  if (Object.values(ended).some(({ exitCode }) => exitCode !== 0)) process.exitCode = 1;
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const readReport = (path) => JSON.parse(readText(path) || "{}");

try {
  if (options.help) console.log(HELP);
  else await main();
} catch (error) {
  console.error(`bench.sh failed: ${error.message}`);
  process.exitCode = 1;
}
