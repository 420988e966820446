import type { Command } from "commander";
import { ReparamError } from "../errors.ts";
import type { EvaluationEvent } from "../jobs/messages.ts";
import { splitBlobs } from "../jobs/send.ts";
import { checkLikelihood } from "../train/log-likelihood.ts";
import { loadExamples } from "./examples.ts";
import { describeTerms, formatLoss } from "./progress.ts";
import { loadModel } from "./saved-model.ts";
import type { Execute, Services } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { bestOption, dataOptions, hostOption, runArgument, wholeNumber } from "./use-flags.ts";
import { ask, configWith, type ModelOptions, withHost } from "./use-model.ts";

interface EvalOptions extends ModelOptions {
  readonly samples?: string;
  readonly json?: boolean;
}

/** `reparam eval`: the terms of a trained model on examples. */
export async function evaluate(run: string, options: EvalOptions, services: Services): Promise<number> {
  const saved = await loadModel(run, options.best);
  const { bytes, path } = saved;
  const samples = options.samples === undefined ? undefined : wholeNumber("--samples", options.samples, 1, 1_000_000);
  if (samples !== undefined) checkLikelihood(saved.model);
  const config = configWith(saved.config, options);
  const asked = { split: options.split, count: null, reads: Object.keys(saved.model.fields) };
  const { name, fields, examples } = await loadExamples(saved, config.data, asked, services);
  const { count } = examples;
  const blobs = { ...splitBlobs("test", examples), checkpoint: bytes };
  const answer = await withHost(config, services, (host) =>
    ask(host, { kind: "evaluate", config, fields, count, ...(samples && { samples }) }, blobs),
  );
  const { test, units, logLikelihood } = answer.body as unknown as EvaluationEvent;
  const likely = logLikelihood && `, ln p(x) ${formatLoss(logLikelihood.mean)} nats by ${logLikelihood.samples} codes`;
  const line = options.json
    ? JSON.stringify({ event: "evaluation", run: path, data: name, count, test, units, logLikelihood })
    : `${name}: ${describeTerms(test, units)}${likely ?? ""}, ${count} examples`;
  services.terminal.stdout.write(`${line}\n`);
  const bad = logLikelihood?.mean === null ? "ln p(x)" : Object.keys(test).find((term) => test[term] === null);
  if (bad) throw new ReparamError("nonfinite", `The term "${bad}" of ${path} on ${name} is not finite.`);
  return 0;
}

export function addEval(program: Command, execute: Execute): void {
  const command = program
    .command("eval")
    .description("evaluate a trained model on examples")
    .addArgument(runArgument());
  for (const option of [...dataOptions(), bestOption(), hostOption()]) command.addOption(option);
  command
    .option(
      "--samples <n>",
      "of a variational model also ln p(x), by importance sampling with so many codes an example",
    )
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
