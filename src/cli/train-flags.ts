import { Option } from "commander";
import { datasetNames } from "../data/names.ts";

/** A flag of `reparam train`. */
export interface TrainFlag {
  /** As commander reads it. */
  readonly flags: string;
  readonly help: string;
  /** The key of the config that it stands for. */
  readonly key?: string;
  /** Its text is the value, even where it looks like a number. */
  readonly text?: boolean;
  readonly repeatable?: boolean;
  /** It would make a resumed run another one. */
  readonly fixed?: boolean;
}

export const trainFlags: readonly TrainFlag[] = [
  { flags: "--preset <name>", help: "what to start from (default: vae)", fixed: true },
  {
    flags: "--data <name>",
    help: `${datasetNames.join(", ")}, or the path of a file or folder (default: what the preset is for, else digits; docs/data.md)`,
    key: "data.name",
    text: true,
    fixed: true,
  },
  {
    flags: "--data-dir <folder>",
    help: "where the data's files lie (also REPARAM_DATA)",
    key: "data.directory",
    text: true,
    fixed: true,
  },
  { flags: "--epochs <n>", help: "times through the training data", key: "training.epochs" },
  { flags: "--max-steps <n>", help: "stop after this many steps, even inside an epoch", key: "training.maxSteps" },
  { flags: "--batch-size <n>", help: "examples a step", key: "training.batchSize", fixed: true },
  {
    flags: "--seed <n>",
    help: "seed of weights, noise and order: the same seed gives the same bytes",
    key: "seed",
    fixed: true,
  },
  {
    flags: "--checkpoint-every <n>",
    help: "save every n epochs, or by time: 90s, 10m, 2h (default: 1)",
    key: "training.checkpointEvery",
  },
  { flags: "--keep <n>", help: "how many checkpoints stay beside the best one; null: all (default: 3)", key: "keep" },
  {
    flags: "--on-nonfinite <what>",
    help: "stop, skip the step, or go back and halve the learning rate (default: stop)",
    key: "training.nonFinite",
    text: true,
  },
  // What of it a resumed run takes depends on the key: see resume.ts.
  { flags: "--set <key=value>", help: "set any key of the config; repeatable", repeatable: true },
  { flags: "--out <folder>", help: "run folder, new or empty", fixed: true },
  {
    flags: "--resume [run]",
    help: "continue a run in its folder; `last`, or nothing, is the newest under runs/",
  },
  {
    flags: "--host <host>",
    help: "where the GPU is: chromium (headless) or dawn (in Node)",
    key: "host",
    text: true,
  },
  { flags: "--fast-dev-run", help: "two steps a stage and a small evaluation, to see whether all works", fixed: true },
  { flags: "--print-config", help: "print the resolved config and end" },
  { flags: "--print-plan", help: "print the kernels of a step, their work and the memory plan, and end" },
  { flags: "--quiet", help: "print only errors" },
  { flags: "--json", help: "print events as JSON lines on stdout, everything else on stderr" },
];

const collect = (value: string, all: string[] | undefined) => [...(all ?? []), value];

/** The flag as commander has it; `attributeName()` is where its value is found. */
export function optionOf({ flags, help, repeatable }: TrainFlag): Option {
  const option = new Option(flags, help);
  return repeatable ? option.argParser(collect) : option;
}
