import { dirname } from "node:path";
import { ReparamError } from "../errors.ts";
import { encodeNpy } from "../formats/npy.ts";
import type { EvaluationEvent } from "../jobs/messages.ts";
import { splitBlobs, valuesIn } from "../jobs/send.ts";
import { checkLikelihood } from "../train/log-likelihood.ts";
import { areBits } from "./code-files.ts";
import { csvOf } from "./csv.ts";
import { describeMeasures } from "./describe-measures.ts";
import { evaluateAnomaly } from "./eval-anomaly.ts";
import { loadExamples } from "./examples.ts";
import { proveWritable, writeWhole } from "./files.ts";
import { describeTerms, formatLoss } from "./progress.ts";
import { loadModel } from "./saved-model.ts";
import type { Services } from "./services.ts";
import { extensionOf, wholeNumber } from "./use-flags.ts";
import { ask, configWith, type ModelOptions, withHost } from "./use-model.ts";

/** Flags of `reparam eval`. */
export interface EvalOptions extends ModelOptions {
  readonly samples?: string;
  readonly perExample?: string;
  readonly json?: boolean;
  readonly anomaly?: boolean;
  readonly normal?: string;
  readonly out?: string;
}

/** `reparam eval`: the terms of a trained model on examples, and what the model says of itself. */
export async function evaluate(run: string, options: EvalOptions, services: Services): Promise<number> {
  const { perExample } = options;
  const extension = perExample === undefined ? undefined : extensionOf("--per-example", perExample, [".csv", ".npy"]);
  if (perExample !== undefined) await proveWritable(dirname(perExample));
  const saved = await loadModel(run, options, services);
  const { bytes, path } = saved;
  const samples = options.samples === undefined ? undefined : wholeNumber("--samples", options.samples, 1, 1_000_000);
  if (samples !== undefined) checkLikelihood(saved.model);
  const config = configWith(saved.config, options);
  const { out = "scores.png", normal } = options;
  if (options.anomaly) return evaluateAnomaly(saved, config, { ...options, out }, services);
  if (normal !== undefined || options.out !== undefined) {
    throw new ReparamError("usage", `${normal === undefined ? "--out" : "--normal"} goes with --anomaly.`);
  }
  const asked = { split: options.split, count: null, reads: Object.keys(saved.model.fields) };
  const { name, fields: read, known, examples } = await loadExamples(saved, config.data, asked, services);
  // Codes are judged by what the model itself need not read: bits by the classes, numbers by the factors.
  const code = saved.model.uses.encode?.to;
  const judge = code && (areBits(code) ? "label" : "factors");
  const fields = { ...(judge && known[judge] && { [judge]: known[judge] }), ...read };
  const { count } = examples;
  const blobs = { ...splitBlobs("test", examples), checkpoint: bytes };
  const each = perExample !== undefined;
  const job = { kind: "evaluate", config, fields, count, perExample: each, ...(samples && { samples }) } as const;
  const answer = await withHost(config, services, (host) => ask(host, job, blobs));
  const { test, units, measures, terms, logLikelihood } = answer.body as unknown as EvaluationEvent;
  if (perExample !== undefined && terms) {
    const values = valuesIn(answer.blobs!.terms.slice(), { store: "f32" }) as Float32Array<ArrayBuffer>;
    const npy = () => encodeNpy({ shape: [count, terms.length], data: values });
    await writeWhole(perExample, extension === ".csv" ? csvOf(terms, values) : npy());
  }
  const { stdout, stderr } = services.terminal;
  if (options.json) {
    const told = { event: "evaluation", run: path, data: name, count, test, units, measures, logLikelihood };
    stdout.write(`${JSON.stringify({ ...told, ...(terms && { perExample: { file: perExample, terms } }) })}\n`);
  } else {
    const likely =
      logLikelihood && `, ln p(x) ${formatLoss(logLikelihood.mean)} nats by ${logLikelihood.samples} codes`;
    stdout.write(`${name}: ${describeTerms(test, units)}${likely ?? ""}, ${count} examples\n`);
    for (const line of describeMeasures(measures)) stdout.write(`${line}\n`);
  }
  if (terms) (options.json ? stderr : stdout).write(`${perExample}: ${terms.join(", ")} of ${count} examples\n`);
  const bad = logLikelihood?.mean === null ? "ln p(x)" : Object.keys(test).find((term) => test[term] === null);
  if (bad) throw new ReparamError("nonfinite", `The term "${bad}" of ${path} on ${name} is not finite.`);
  return 0;
}
