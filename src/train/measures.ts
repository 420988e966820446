import { packedBits } from "../codes/bits.ts";
import { posteriorCodes, posteriorKl } from "../codes/posterior.ts";
import { principalBits } from "../codes/principal-bits.ts";
import { type Dataset, fieldSize, type Split, valuesOf } from "../data/dataset.ts";
import { activeUnits } from "../metrics/active-units.ts";
import { type CodeMoments, codeMoments } from "../metrics/code-moments.ts";
import { retrievalPrecision } from "../metrics/retrieval-precision.ts";
import type { Model } from "../models/model.ts";
import type { Uses } from "./uses.ts";

/** What a model says of itself by its uses, beside the terms of its loss: as much as it has uses for. */
export interface Measures {
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
    readonly dead: number;
  };
  /** Of models whose codes are bits, on data with classes. */
  readonly retrieval?: {
    /** Bits of a code. */
    readonly bits: number;
    /** How many of the nearest codes are looked at. */
    readonly nearest: number;
    /** The share of them that has the class of what is looked up. */
    readonly precision: number;
    /** The same by as many bits of the examples' principal components. */
    readonly principalComponents: number;
  };
}

/** Of retrieval: the codes that are looked at, and how many examples are looked up. */
const [NEAREST, QUERIES] = [100, 1000];
/** Numbers of a use's results that are held at once. */
const HELD = 2 ** 22;

export interface MeasuredOptions {
  readonly fields: Dataset["fields"];
  readonly split: Split;
  /** Of the codes that are drawn. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Runs a model's uses `reconstruct`, `posterior` and, where codes are bits, `encode` over the examples of a split. */
export async function measured(model: Model, uses: Uses, options: MeasuredOptions): Promise<Measures> {
  const meanSquaredError = await reconstructionError(model, uses, options);
  const codes = await measuredCodes(model, uses, options);
  const retrieval = await retrievalMeasures(model, uses, options);
  return {
    ...(meanSquaredError !== undefined && { meanSquaredError }),
    ...codes,
    ...(retrieval && { retrieval }),
  };
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
  return over ? { count, dead: differ.filter((differs) => !differs).length } : undefined;
}

async function retrievalMeasures(model: Model, uses: Uses, options: MeasuredOptions): Promise<Measures["retrieval"]> {
  const { fields, split } = options;
  const { count: rows, values } = split;
  const code = model.uses.encode?.to;
  if (code?.kind !== "bits" || fields.label?.kind !== "label" || !fields.x || rows < 2) return undefined;
  const bits = fieldSize(code);
  const bytes = Math.ceil(bits / 8);
  const packed = new Uint8Array(rows * bytes);
  const over = await overExamples(model, uses, "encode", options, (codes, first) =>
    packed.set(packedBits(codes, { rows: codes.length / bits }), first * bytes),
  );
  if (!over) return undefined;
  const nearest = Math.min(NEAREST, rows - 1);
  const precision = (codes: Uint8Array) => retrievalPrecision(codes, values.label, { rows, nearest, queries: QUERIES });
  const principalComponents = precision(principalBits(values.x, { rows, bits }));
  return { bits, nearest, precision: precision(packed), principalComponents };
}

/** Runs a use over all examples, part by part; false where the data lack what it takes. */
async function overExamples(
  { uses: stated }: Model,
  uses: Uses,
  name: string,
  { fields, split, signal }: MeasuredOptions,
  each: (values: Float32Array, first: number) => void,
): Promise<boolean> {
  const { from, to } = stated[name];
  const names = Object.keys(from);
  if (names.some((key) => !fields[key] && key !== "index")) return false;
  const most = Math.max(1, Math.floor(HELD / fieldSize(to)));
  for (let first = 0; first < split.count; first += most) {
    const count = Math.min(most, split.count - first);
    const inputs = names.map((key) => {
      if (key === "index") return [key, Float32Array.from({ length: count }, (_, row) => first + row)] as const;
      const size = fieldSize(fields[key]);
      return [key, split.values[key].subarray(first * size, (first + count) * size)] as const;
    });
    each(await uses.run(name, count, Object.fromEntries(inputs), { signal }), first);
  }
  return true;
}
