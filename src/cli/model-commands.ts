import { type Command, Option } from "commander";
import { runModelCommand, type UseOptions } from "./run-model-command.ts";
import type { Execute } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { bestOption, dataOptions, hostOption, runArgument } from "./use-flags.ts";
import { type ModelCommand, modelCommands } from "./use-table.ts";

export function addModelCommands(program: Command, execute: Execute): void {
  for (const command of modelCommands) {
    const added = program.command(command.use).description(command.summary).addArgument(runArgument());
    if (command.rows === "codes") added.argument("<codes.npy>", "codes, [rows, latent]");
    for (const option of optionsOf(command)) added.addOption(option);
    added.addHelpText("after", `\nExample:\n  reparam ${command.example}`).action((...given: readonly unknown[]) => {
      exitOnInterruption();
      const names = given.filter((value) => typeof value === "string") as [string, string?];
      const options = given.find((value) => typeof value === "object") as UseOptions;
      return execute((services) => runModelCommand(command, names, options, services));
    });
  }
}

function optionsOf({ rows, count, out }: ModelCommand): Option[] {
  const label = new Option(
    "--label <class>",
    "the class of all rows, of a model that takes one (default: each in turn)",
  );
  return [
    ...(rows === "examples" ? dataOptions() : []),
    new Option("--count <n>", `how many rows (default: ${count ?? "all"})`),
    new Option("--seed <n>", "seed of the noise: the same seed gives the same numbers").default("0"),
    ...(rows === "examples" ? [] : [label]),
    bestOption(),
    new Option("--out <file>", "what to write: .npy, or .png of what can be drawn").default(out),
    hostOption(),
  ];
}
