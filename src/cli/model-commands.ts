import { type Command, Option } from "commander";
import { codeBits } from "./code-files.ts";
import type { runModelCommand, UseOptions } from "./run-model-command.ts";
import { samplerHelp, samplerOptions } from "./samplers/options.ts";
import type { Execute } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { bestOption, configOption, dataOptions, hostOption, runArgument } from "./use-flags.ts";
import type { ModelCommand } from "./use-table.ts";

/** A command that can do more than run its use. */
interface More {
  readonly options: () => Option[];
  readonly run: () => Promise<typeof runModelCommand>;
  readonly help: () => string;
}

const runUse: More["run"] = async () => (await import("./run-model-command.ts")).runModelCommand;

const more: Readonly<Record<string, More>> = {
  sample: {
    options: samplerOptions,
    run: async () => (await import("./run-sample.ts")).runSample,
    help: samplerHelp,
  },
  encode: {
    options: () => [
      new Option("--bits <n>", `of a number in a .npz file: ${codeBits.join(", ")} (default: 32, floats)`),
    ],
    run: runUse,
    help: () =>
      "\n8 and 16 bits lie evenly between the least and the largest of each number of a code; 1 bit is for codes that are bits.\n",
  },
  decode: {
    options: () => [
      new Option("--compare", "say what the codes cost and what is lost in them; writes nothing unless --out is given"),
      ...dataOptions(),
    ],
    run: async () => (await import("./run-decode.ts")).runDecode,
    help: () => "\n--compare needs the examples of the codes: --data and --split as for encode.\n",
  },
};

/** The flags and the body of a command that runs a use. */
export function defineModelCommand(row: ModelCommand, command: Command, execute: Execute): void {
  const { options = () => [], run = runUse, help = () => "" } = more[row.use] ?? {};
  command.addArgument(runArgument());
  if (row.rows === "codes") command.argument("<codes>", "codes as .npy or .npz, [rows, latent]");
  for (const option of [...optionsOf(row), ...options()]) command.addOption(option);
  command
    .addHelpText("after", `${help()}\nExample:\n  reparam ${row.example}`)
    .action((...given: readonly unknown[]) => {
      exitOnInterruption();
      const names = given.filter((value) => typeof value === "string") as [string, string?];
      const options = given.find((value) => typeof value === "object") as UseOptions;
      return execute(async (services) => (await run())(row, names, options, services));
    });
}

function optionsOf({ rows, count, out, files }: ModelCommand): Option[] {
  const label = new Option(
    "--label <class>",
    "the class of all rows, of a model that takes one (default: each in turn)",
  );
  const usual = rows === "examples" && count !== null ? `${count} in a picture, else all` : (count ?? "all");
  return [
    ...(rows === "examples" ? dataOptions() : []),
    new Option("--count <n>", `how many rows${rows === "noise" ? "" : ", or all"} (default: ${usual})`),
    new Option("--seed <n>", "seed of the noise: the same seed gives the same numbers").default("0"),
    ...(rows === "examples" ? [] : [label]),
    bestOption(),
    configOption(),
    new Option("--out <file>", `what to write: ${filesText(files)} (default: "${out}")`),
    hostOption(),
  ];
}

function filesText(files: readonly string[]): string {
  const packed = files.includes(".npz") ? ", .npz of packed codes" : "";
  return `.npy, .csv${packed}, or .png of what can be drawn`;
}
