import type { Command } from "commander";
import { ReparamError } from "../errors.ts";
import type { EvaluationEvent } from "../jobs/messages.ts";
import { splitBlobs } from "../jobs/send.ts";
import { describeTerms } from "./progress.ts";
import { loadModel } from "./saved-model.ts";
import type { Execute, Services } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { ask, configWith, loadExamples, type ModelOptions, splits, withHost } from "./use-model.ts";

interface EvalOptions extends ModelOptions {
  readonly json?: boolean;
}

/** `reparam eval`: the terms of a trained model on examples. */
export async function evaluate(run: string, options: EvalOptions, services: Services): Promise<number> {
  const saved = await loadModel(run, options.best);
  const { fields, bytes, path } = saved;
  const config = configWith(saved.config, options);
  const { name, examples } = await loadExamples(saved, config.data, { split: options.split, count: null }, services);
  const { count } = examples;
  const blobs = { ...splitBlobs("test", examples), checkpoint: bytes };
  const answer = await withHost(config, services, (host) =>
    ask(host, { kind: "evaluate", config, fields, count }, blobs),
  );
  const { test, units } = answer.body as unknown as EvaluationEvent;
  const line = options.json
    ? JSON.stringify({ event: "evaluation", run: path, data: name, count, test, units })
    : `${name}: ${describeTerms(test, units)}, ${count} examples`;
  services.terminal.stdout.write(`${line}\n`);
  const bad = Object.keys(test).find((term) => test[term] === null);
  if (bad) throw new ReparamError("nonfinite", `The term "${bad}" of ${path} on ${name} is not finite.`);
  return 0;
}

export function addEval(program: Command, execute: Execute): void {
  program
    .command("eval")
    .description("evaluate a trained model on examples")
    .argument("<run>", "run folder, .safetensors file, or `last`")
    .option("--data <name>", "digits, mnist, fashion-mnist, or a path (default: what it was trained on)")
    .option("--data-dir <folder>", "where the data's files lie (also REPARAM_DATA)")
    .option("--split <split>", `which examples: ${splits.join(", ")}`, "test")
    .option("--best", "the best checkpoint instead of the newest")
    .option("--host <host>", "where the GPU is: chromium or dawn (default: as trained)")
    .option("--json", "print the result as one line of JSON")
    .addHelpText(
      "after",
      "\nTerms are means over examples, of a run's last stage.\n\nExample:\n  reparam eval last --data mnist --json",
    )
    .action((run: string, options: EvalOptions) => {
      exitOnInterruption();
      return execute((services) => evaluate(run, options, services));
    });
}
