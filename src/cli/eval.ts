import type { Command } from "commander";
import { ReparamError } from "../errors.ts";
import type { EvaluationEvent } from "../jobs/messages.ts";
import { splitBlobs } from "../jobs/send.ts";
import { loadExamples } from "./examples.ts";
import { describeTerms } from "./progress.ts";
import { loadModel } from "./saved-model.ts";
import type { Execute, Services } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { bestOption, dataOptions, hostOption, runArgument } from "./use-flags.ts";
import { ask, configWith, type ModelOptions, withHost } from "./use-model.ts";

interface EvalOptions extends ModelOptions {
  readonly json?: boolean;
}

/** `reparam eval`: the terms of a trained model on examples. */
export async function evaluate(run: string, options: EvalOptions, services: Services): Promise<number> {
  const saved = await loadModel(run, options.best);
  const { bytes, path } = saved;
  const config = configWith(saved.config, options);
  const asked = { split: options.split, count: null, reads: Object.keys(saved.model.fields) };
  const { name, fields, examples } = await loadExamples(saved, config.data, asked, services);
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
  const command = program
    .command("eval")
    .description("evaluate a trained model on examples")
    .addArgument(runArgument());
  for (const option of [...dataOptions(), bestOption(), hostOption()]) command.addOption(option);
  command
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
