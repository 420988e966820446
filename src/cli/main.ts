#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { addBench } from "./bench-command.ts";
import { addDoctor } from "./doctor.ts";
import { addEval } from "./eval.ts";
import { reportFailure } from "./failure.ts";
import { addModelCommands } from "./model-commands.ts";
import { processServices } from "./process-services.ts";
import type { Execute } from "./services.ts";
import { addTrain } from "./train-command.ts";
import { usageError } from "./usage.ts";
import { version } from "./version.ts";

const services = processServices(() => program.opts<{ install: boolean }>().install);
let exitCode = 0;

const execute: Execute = async (body) => {
  exitCode = await body(services);
};

// A reader that has seen enough (`reparam --help | head -1`) is no failure.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const program = new Command("reparam")
  .description("Train autoencoders on the GPU with WebGPU, in headless Chromium or in Node.")
  .version(version, "-V, --version")
  .option("--no-install", "install no browser where there is none: say what is missing instead")
  .helpCommand(false)
  .exitOverride()
  .showSuggestionAfterError(false)
  .configureOutput({ outputError: () => {} })
  .addHelpText(
    "after",
    `
Start here:
  reparam train            train a VAE on built-in digits, pictures in runs/<preset>_<date>
  reparam sample last      new digits from the newest run
  reparam doctor           browser, adapter, and what is missing

reparam <command> --help says more about each.`,
  );
for (const add of [addTrain, addModelCommands, addEval, addBench, addDoctor]) add(program, execute);

try {
  await program.parseAsync();
} catch (error) {
  const shown = error instanceof CommanderError;
  if (shown && error.exitCode === 0) exitCode = 0;
  else
    exitCode = reportFailure(
      shown ? usageError(error, program, process.argv.slice(2)) : error,
      services.terminal.stderr,
    ).code;
}
// Pipes may still hold text, and Dawn would keep the process alive.
await new Promise((resolve) => process.stdout.write("", resolve));
process.exit(exitCode);
