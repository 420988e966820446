import type { Command } from "commander";
import { ReparamError } from "../errors.ts";
import type { EvaluationEvent } from "../train/messages.ts";
import { formatLoss } from "./progress.ts";
import { loadModel } from "./saved-model.ts";
import type { Execute, Services } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { ask, configWith, loadExamples, type ModelOptions } from "./use-model.ts";

interface EvalOptions extends ModelOptions {
  readonly json?: boolean;
}

/** `reparam eval`: the losses of a trained model on the test examples. */
export async function evaluate(run: string, options: EvalOptions, services: Services): Promise<number> {
  const model = await loadModel(run);
  const config = configWith(model.config, options);
  const { name, test } = await loadExamples(model, config.data, null, services);
  const body = { kind: "evaluate", config, dataset: { name, shape: model.shape, count: test.count } } as const;
  const answer = await ask(body, { examples: test.examples, checkpoint: model.bytes }, services);
  const { loss, reconstruction, kl } = answer.body as EvaluationEvent;
  const line = options.json
    ? JSON.stringify({
        event: "evaluation",
        run: model.path,
        data: name,
        count: test.count,
        test: { loss, reconstruction, kl },
      })
    : `${name}: test loss ${formatLoss(loss)} (reconstruction ${formatLoss(reconstruction)}, KL ${formatLoss(kl)}) nats an example, ${test.count} examples`;
  services.terminal.stdout.write(`${line}\n`);
  if (loss === null) throw new ReparamError("nonfinite", `The loss of ${model.path} on ${name} is not finite.`);
  return 0;
}

export function addEval(program: Command, execute: Execute): void {
  program
    .command("eval")
    .description("evaluate a trained model on the test examples")
    .argument("<run>", "run folder, .safetensors file, or `last`")
    .option("--data <name>", "digits, mnist, fashion-mnist, or a path (default: what it was trained on)")
    .option("--data-dir <folder>", "where the data's files lie (also REPARAM_DATA)")
    .option("--host <host>", "where the GPU is: chromium or dawn (default: as trained)")
    .option("--json", "print the result as one line of JSON")
    .addHelpText("after", "\nLosses are nats an example.\n\nExample:\n  reparam eval last --data mnist --json")
    .action((run: string, options: EvalOptions) => {
      exitOnInterruption();
      return execute((services) => evaluate(run, options, services));
    });
}
