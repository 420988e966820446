import type { Command } from "commander";
import { presets, statements } from "../config/presets.ts";
import { exitTexts } from "./exit-codes.ts";
import { describeFamily, listOf } from "./family-help.ts";
import type { Execute } from "./services.ts";
import { watchInterruption } from "./signals.ts";
import { optionOf, trainFlags } from "./train-flags.ts";
import type { TrainOptions } from "./train-options.ts";

const afterHelp = `
Families (\`reparam train --explain NAME\` says the options of one):
${listOf(statements)}

Presets:
${listOf(presets)}

Settings are taken from preset < config file < named flags < --set. --print-config shows
every key with its value, and is itself a config file. The digits are trained for half as
many epochs as other data (5 of 10), unless --epochs says otherwise.

The run folder (runs/<preset>_<date> unless --out names one) holds config.json,
environment.json, metrics.jsonl, checkpoints/, final.safetensors, the pictures and
report.html. Ctrl-C saves first; --resume continues as if nothing had happened
(docs/reliability.md says what a run survives).

Examples:
  reparam train                                        the built-in digits, about 3 minutes
  reparam train --data mnist --epochs 10 --seed 2
  reparam train --preset conv-vae --data fashion-mnist
  reparam train --preset vae-2d --set model.hidden=[256,64] --set training.batchSize=64
  reparam train --set model.klWeight.name=linear --set model.klWeight.steps=2000
  reparam train --preset gan --set training.optimizers.generator.learningRate=1e-4
  reparam train --resume                               continue the newest run
  reparam train --resume last --epochs 20              and train it longer
  reparam train runs/vae_2025-01-31_12-00-00/config.json   the same run once more

Exit codes, and whether a scheduler should run the same command again (never, again, or
elsewhere); --json says both in its last event:
${exitTexts()}`;

export function defineTrain(command: Command, execute: Execute): void {
  command.argument("[config.json]", "config file, whole or in part");
  for (const flag of trainFlags) command.addOption(optionOf(flag));
  command
    .option("--explain <name>", "say what a family or a preset is, and its options, and end")
    .addHelpText("after", ({ command }) => {
      const { preset } = command.opts<TrainOptions>();
      return preset !== undefined && Object.hasOwn(presets, preset) ? `\n${describeFamily(preset)}` : afterHelp;
    })
    .action((file: string | undefined, { explain, ...options }: TrainOptions & { explain?: string }) =>
      execute(async (services) => {
        if (explain === undefined) {
          const { train } = await import("./train.ts");
          return train(file, options, services, watchInterruption(services.terminal, options.quiet));
        }
        services.terminal.stdout.write(`${describeFamily(explain)}\n`);
        return 0;
      }),
    );
}
