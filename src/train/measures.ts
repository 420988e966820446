import { posteriorCodes, posteriorKl } from "../codes/posterior.ts";
import { fieldSize, valuesOf } from "../data/dataset.ts";
import { activeUnits } from "../metrics/active-units.ts";
import { type CodeMoments, codeMoments } from "../metrics/code-moments.ts";
import type { Model } from "../models/model.ts";
import { type KnownMeasures, knownMeasures } from "./known-measures.ts";
import { type MeasuredOptions, overExamples } from "./over-examples.ts";
import type { Uses } from "./uses.ts";

/** What a model says of itself by its uses, beside the terms of its loss: as much as it has uses for. */
export interface Measures extends KnownMeasures {
  /** (x − its reconstruction)², the mean over all numbers of all examples. */
  readonly meanSquaredError?: number;
  /** Of models that say the posterior of an example. */
  readonly posterior?: {
    /** What each number of a code says of an example: nats from the prior N(0, 1), means over the examples. */
    readonly kl: readonly number[];
    /** How many numbers of a code differ between examples. */
    readonly activeUnits: number;
    /** Moments of codes drawn from the posteriors, one for each example; null nats where they fill fewer dimensions. */
    readonly aggregate: Omit<CodeMoments, "klFromStandardNormal"> & { readonly klFromStandardNormal: number | null };
  };
  /** Of models that encode to numbers or bits and say no posterior. */
  readonly units?: {
    /** Numbers of a code. */
    readonly count: number;
    /** How many of them are the same for every example. */
    readonly constant: number;
  };
}

/** Runs a model's uses over the examples of a split. */
export async function measured(model: Model, uses: Uses, options: MeasuredOptions): Promise<Measures> {
  const meanSquaredError = await reconstructionError(model, uses, options);
  const codes = await measuredCodes(model, uses, options);
  const known = await knownMeasures(model, uses, options);
  return { ...(meanSquaredError !== undefined && { meanSquaredError }), ...codes, ...known };
}

/** What a model's codes hold of the examples of a split. */
export async function measuredCodes(
  model: Model,
  uses: Uses,
  options: MeasuredOptions,
): Promise<Pick<Measures, "posterior" | "units">> {
  const posterior = await posteriorMeasures(model, uses, options);
  if (posterior) return { posterior };
  const units = await unitMeasures(model, uses, options);
  return units ? { units } : {};
}

async function reconstructionError(model: Model, uses: Uses, options: MeasuredOptions): Promise<number | undefined> {
  const { fields, split } = options;
  const size = fields.x && fieldSize(fields.x);
  if (!model.uses.reconstruct || fieldSize(model.uses.reconstruct.to) !== size) return undefined;
  let sum = 0;
  const over = await overExamples(model, uses, "reconstruct", options, (values, first) => {
    const originals = valuesOf(split.values.x.subarray(first * size, first * size + values.length), fields.x);
    for (let k = 0; k < values.length; k++) sum += (values[k] - originals[k]) ** 2;
  });
  return over ? sum / (split.count * size) : undefined;
}

async function posteriorMeasures(model: Model, uses: Uses, options: MeasuredOptions): Promise<Measures["posterior"]> {
  const { split, seed } = options;
  const rows = split.count;
  const use = model.uses.posterior;
  if (!use) return undefined;
  const latent = use.to.shape[1];
  const [means, codes] = [new Float32Array(rows * latent), new Float32Array(rows * latent)];
  const kl = new Array<number>(latent).fill(0);
  const over = await overExamples(model, uses, "posterior", options, (values, first) => {
    const size = fieldSize(use.to);
    const count = values.length / size;
    // Another seed for each part, so that parts draw other noise.
    codes.set(posteriorCodes(values, { rows: count, latent, seed: (seed + first) % 2 ** 32 }), first * latent);
    for (let row = 0; row < count; row++) {
      means.set(values.subarray(row * size, row * size + latent), (first + row) * latent);
    }
    posteriorKl(values, { rows: count, latent }).forEach((nats, k) => {
      kl[k] += (nats * count) / rows;
    });
  });
  if (!over) return undefined;
  const moments = codeMoments(codes, { rows });
  const nats = moments.klFromStandardNormal;
  return {
    kl,
    activeUnits: activeUnits(means, { rows }).active,
    aggregate: { ...moments, klFromStandardNormal: Number.isFinite(nats) ? nats : null },
  };
}

async function unitMeasures(model: Model, uses: Uses, options: MeasuredOptions): Promise<Measures["units"]> {
  const code = model.uses.encode?.to;
  if (!code || code.kind === "tokens" || options.split.count < 2) return undefined;
  const count = fieldSize(code);
  const first: number[] = [];
  const differ = new Array<boolean>(count).fill(false);
  const over = await overExamples(model, uses, "encode", options, (codes) => {
    for (let at = 0; at < codes.length; at++) {
      const unit = at % count;
      if (first.length < count) first.push(codes[at]);
      differ[unit] ||= codes[at] !== first[unit];
    }
  });
  return over ? { count, constant: differ.filter((differs) => !differs).length } : undefined;
}
