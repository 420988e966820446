#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { commands } from "./commands.ts";
import { reportFailure } from "./failure.ts";
import { processServices } from "./process-services.ts";
import type { Execute } from "./services.ts";
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
  .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
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
// No flag of the program takes a value, so the first word that is no flag names the command.
const named = process.argv.slice(2).find((word) => !word.startsWith("-"));

try {
  for (const { name, usage, summary, load } of commands) {
    const command = program.command(name).description(summary).usage(usage);
    if (name === named) (await load())(command, execute);
  }
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
