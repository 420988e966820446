import { type Command, Option } from "commander";
import { presets } from "../train/presets.ts";
import type { Execute } from "./services.ts";
import { watchInterruption } from "./signals.ts";
import { train } from "./train.ts";
import type { TrainOptions } from "./train-options.ts";

const presetLines = Object.entries(presets).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`);

const afterHelp = `
Presets:
${presetLines.join("\n")}

Settings are taken from preset < config file < named flags < --set. --print-config shows
every key with its value, and is itself a config file. The digits are trained for 5 epochs,
other data for 10, unless --epochs says otherwise.

The run folder (runs/<preset>_<date> unless --out names one) holds config.json,
environment.json, metrics.jsonl, checkpoints/, final.safetensors, the pictures and
report.html. Ctrl-C saves first; --resume continues as if nothing had happened.

Examples:
  reparam train                                        the built-in digits, about 3 minutes
  reparam train --data mnist --epochs 10 --seed 2
  reparam train --preset conv-vae --data fashion-mnist
  reparam train --preset vae-2d --set model.hidden=[256,64] --set training.batchSize=64
  reparam train --set training.klWeight.name=linear --set training.klWeight.steps=2000
  reparam train --resume                               continue the newest run
  reparam train --resume last --epochs 20              and train it longer
  reparam train runs/vae_2025-01-31_12-00-00/config.json   the same run once more

Exit codes: 0 done; 1 the run failed, or its loss became non-finite; 2 usage, config or an
input file that cannot be used; 3 no browser or no WebGPU; 130 interrupted, after saving.`;

export function addTrain(program: Command, execute: Execute): void {
  const collect = (value: string, all: string[] | undefined) => [...(all ?? []), value];
  program
    .command("train")
    .description("train a model and leave a run folder")
    .argument("[config.json]", "config file, whole or in part")
    .option("--preset <name>", `what to start from: ${Object.keys(presets).join(", ")} (default: vae)`)
    .option("--data <name>", "digits, mnist, fashion-mnist, or the path of a data set")
    .option("--data-dir <folder>", "where the data's files lie (also REPARAM_DATA)")
    .option("--epochs <n>", "times through the training data")
    .option("--max-steps <n>", "stop after this many steps, even inside an epoch")
    .option("--batch-size <n>", "examples a step")
    .option("--seed <n>", "seed of weights, noise and order: the same seed gives the same bytes")
    .addOption(new Option("--set <key=value>", "set any key of the config; repeatable").argParser(collect))
    .option("--out <folder>", "run folder, new or empty")
    .option("--resume [run]", "continue a run in its folder; `last`, or nothing, is the newest under runs/")
    .option("--host <host>", "where the GPU is: chromium (headless) or dawn (in Node)")
    .option("--fast-dev-run", "two steps and a small evaluation, to see whether everything works")
    .option("--print-config", "print the resolved config and end")
    .option("--print-plan", "print the kernels of a step, their work and the memory plan, and end")
    .option("--quiet", "print only errors")
    .option("--json", "print events as JSON lines on stdout, everything else on stderr")
    .addHelpText("after", afterHelp)
    .action((file: string | undefined, options: TrainOptions) =>
      execute((services) => train(file, options, services, watchInterruption(services.terminal, options.quiet))),
    );
}
