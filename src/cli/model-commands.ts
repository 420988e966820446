import { type Command, Option } from "commander";
import { codeBits } from "./code-files.ts";
import { runDecode } from "./run-decode.ts";
import { runModelCommand, type UseOptions } from "./run-model-command.ts";
import { runSample } from "./run-sample.ts";
import { samplerHelp, samplerOptions } from "./samplers/options.ts";
import type { Execute } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { bestOption, dataOptions, hostOption, runArgument } from "./use-flags.ts";
import { type ModelCommand, modelCommands } from "./use-table.ts";

/** A command that can do more than run its use. */
interface More {
  readonly options: () => Option[];
  readonly run: typeof runModelCommand;
  readonly help: () => string;
}

const more: Readonly<Record<string, More>> = {
  sample: { options: samplerOptions, run: runSample, help: samplerHelp },
  encode: {
    options: () => [
      new Option("--bits <n>", `of a number in a .npz file: ${codeBits.join(", ")} (default: 32, floats)`),
    ],
    run: runModelCommand,
    help: () =>
      "\n8 and 16 bits lie evenly between the least and the largest of each number of a code; 1 bit is for codes that are bits.\n",
  },
  decode: {
    options: () => [
      new Option("--compare", "say what the codes cost and what is lost in them; writes nothing unless --out is given"),
      ...dataOptions(),
    ],
    run: runDecode,
    help: () => "\n--compare needs the examples of the codes: --data and --split as for encode.\n",
  },
};

export function addModelCommands(program: Command, execute: Execute): void {
  for (const command of modelCommands) {
    const { options = () => [], run = runModelCommand, help = () => "" } = more[command.use] ?? {};
    const added = program.command(command.use).description(command.summary).addArgument(runArgument());
    if (command.rows === "codes") added.argument("<codes>", "codes as .npy or .npz, [rows, latent]");
    for (const option of [...optionsOf(command), ...options()]) added.addOption(option);
    added
      .addHelpText("after", `${help()}\nExample:\n  reparam ${command.example}`)
      .action((...given: readonly unknown[]) => {
        exitOnInterruption();
        const names = given.filter((value) => typeof value === "string") as [string, string?];
        const options = given.find((value) => typeof value === "object") as UseOptions;
        return execute((services) => run(command, names, options, services));
      });
  }
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
    new Option("--out <file>", `what to write: ${filesText(files)} (default: "${out}")`),
    hostOption(),
  ];
}

function filesText(files: readonly string[]): string {
  const packed = files.includes(".npz") ? ", .npz of packed codes" : "";
  return `.npy, .csv${packed}, or .png of what can be drawn`;
}
