import type { Command } from "commander";
import type { EvalOptions } from "./eval.ts";
import type { Execute } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { bestOption, configOption, dataOptions, hostOption, runArgument } from "./use-flags.ts";

export function defineEval(command: Command, execute: Execute): void {
  command.addArgument(runArgument());
  for (const option of [...dataOptions(), bestOption(), configOption(), hostOption()]) command.addOption(option);
  command
    .option(
      "--samples <n>",
      "of a variational model also ln p(x), by importance sampling with so many codes an example",
    )
    .option("--per-example <file>", "writes the terms of each example, in order, as .csv or .npy")
    .option("--anomaly", "instead: how well the model's scores tell normal examples from others")
    .option("--normal <class>", "with --anomaly: the class that is normal (default: that which it was trained on)")
    .option("--out <file>", "with --anomaly: the picture of the scores (default: scores.png)")
    .option("--json", "print the result as one line of JSON")
    .addHelpText(
      "after",
      `
Terms are means over examples, of a run's last stage. Beside them stands what the model says of itself: the squared error of
its reconstructions, and of a variational one what each number of a code holds, how many are active (their means vary by
more than 0.01), and the moments of codes drawn from the posteriors, which the prior N(0, 1) should have. Where codes are bits
and the data have classes: how many of the nearest codes have the same class.

With --anomaly, an example that scores more than a standard deviation above the mean of the normal training examples is an
anomaly; precision and recall are of what is taken for normal.

Examples:
  reparam eval last --data mnist --json
  reparam eval last --split train --per-example losses.csv
  reparam eval last --anomaly --normal 1 --out scores.png`,
    )
    .action((run: string, options: EvalOptions) => {
      exitOnInterruption();
      return execute(async (services) => (await import("./eval.ts")).evaluate(run, options, services));
    });
}
