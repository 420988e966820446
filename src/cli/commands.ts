import type { Command } from "commander";
import type { Execute } from "./services.ts";
import { modelCommands } from "./use-table.ts";

/** Gives a command its flags, its help and what it does. */
export type Define = (command: Command, execute: Execute) => void;

/** A command as `reparam --help` lists it. What it is made of is loaded when it is the one that runs. */
export interface CommandRow {
  readonly name: string;
  /** What follows its name on the command line. */
  readonly usage: string;
  readonly summary: string;
  readonly load: () => Promise<Define>;
}

export const commands: readonly CommandRow[] = [
  {
    name: "train",
    usage: "[options] [config.json]",
    summary: "train a model and leave a run folder",
    load: async () => (await import("./train-command.ts")).defineTrain,
  },
  ...modelCommands.map((row) => ({
    name: row.use,
    usage: `[options] <run>${row.rows === "codes" ? " <codes>" : ""}`,
    summary: row.summary,
    load: async (): Promise<Define> => {
      const { defineModelCommand } = await import("./model-commands.ts");
      return (command, execute) => defineModelCommand(row, command, execute);
    },
  })),
  {
    name: "eval",
    usage: "[options] <run>",
    summary: "evaluate a trained model on examples",
    load: async () => (await import("./eval-command.ts")).defineEval,
  },
  {
    name: "bench",
    usage: "[options] [kernels...]",
    summary: "check kernels against float64 and time them against the adapter's own ceilings",
    load: async () => (await import("./bench-command.ts")).defineBench,
  },
  {
    name: "doctor",
    usage: "[options]",
    summary: "look at browsers, adapters, limits and features, and say what is missing and how to get it",
    load: async () => (await import("./doctor.ts")).defineDoctor,
  },
];
