import { packedBits } from "../codes/bits.ts";
import { principalBits } from "../codes/principal-bits.ts";
import { fieldSize } from "../data/dataset.ts";
import { modesFound } from "../metrics/modes-found.ts";
import { mutualInformationGap } from "../metrics/mutual-information-gap.ts";
import { retrievalPrecision } from "../metrics/retrieval-precision.ts";
import { columnOf } from "../metrics/rows.ts";
import type { Model } from "../models/model.ts";
import { type MeasuredOptions, overExamples } from "./over-examples.ts";
import type { Uses } from "./uses.ts";

/** How much a model found of what the data know and it is not told: as much as they know. */
export interface KnownMeasures {
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
  /** Of models that encode to numbers, on data that say the classes of what an example is made of (their field `factors`). */
  readonly factors?: {
    /** The mutual information gap, 0..1: whether each factor lies in one number of a code. */
    readonly gap: number;
    /** That of each factor, by its name; those that are the same in all examples are left out. */
    readonly gaps: Readonly<Record<string, number>>;
  };
  /** Of models that draw examples, on a mixture whose modes are known. */
  readonly modes?: {
    readonly count: number;
    /** How many of them a model knows: those of a hundredth of its samples. */
    readonly found: number;
    readonly samples: number;
    /** The share of the samples that is within three standard deviations of a mode. */
    readonly near: number;
  };
}

/** Of retrieval: the codes that are looked at, and how many examples are looked up. */
const [NEAREST, QUERIES] = [100, 1000];
/** Of modes: how many examples are drawn, and of how many of them one is known. */
const [SAMPLES, OF_A_MODE] = [4000, 40];

/** Runs a model's uses over the examples of a split, as far as its data know what it should have found. */
export async function knownMeasures(model: Model, uses: Uses, options: MeasuredOptions): Promise<KnownMeasures> {
  const retrieval = await retrievalMeasures(model, uses, options);
  const factors = await factorMeasures(model, uses, options);
  const modes = await modeMeasures(model, uses, options);
  return { ...(retrieval && { retrieval }), ...(factors && { factors }), ...(modes && { modes }) };
}

async function retrievalMeasures(
  model: Model,
  uses: Uses,
  options: MeasuredOptions,
): Promise<KnownMeasures["retrieval"]> {
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

async function factorMeasures(model: Model, uses: Uses, options: MeasuredOptions): Promise<KnownMeasures["factors"]> {
  const { fields, split } = options;
  const { factors } = fields;
  const code = model.uses.encode?.to;
  if (!factors || factors.store === "f32" || code?.kind !== "vector") return undefined;
  const [rows, columns, latent] = [split.count, fieldSize(factors), fieldSize(code)];
  const varying = Array.from({ length: columns }, (_, column) => column).filter((column) =>
    columnOf(split.values.factors, columns, column).some((value, _, all) => value !== all[0]),
  );
  if (varying.length === 0) return undefined;
  const codes = new Float32Array(rows * latent);
  if (!(await overExamples(model, uses, "encode", options, (values, first) => codes.set(values, first * latent)))) {
    return undefined;
  }
  const known = Array.from({ length: rows * varying.length }, (_, at) => {
    const row = Math.floor(at / varying.length);
    return split.values.factors[row * columns + varying[at % varying.length]];
  });
  const { gap, gaps } = mutualInformationGap(codes, known, { rows });
  const nameOf = (column: number) => factors.names?.[column] ?? `factor ${column}`;
  return { gap, gaps: Object.fromEntries(gaps.map((value, k) => [nameOf(varying[k]), value])) };
}

async function modeMeasures(
  model: Model,
  uses: Uses,
  { fields, seed }: MeasuredOptions,
): Promise<KnownMeasures["modes"]> {
  const modes = fields.x?.modes;
  const draw = model.uses.sample;
  if (!modes || !draw || Object.keys(draw.from).length > 0 || fieldSize(draw.to) !== fieldSize(fields.x)) {
    return undefined;
  }
  const samples = await uses.run("sample", SAMPLES, {}, { seed });
  const { found, near } = modesFound(samples, { rows: SAMPLES, ...modes, atLeast: OF_A_MODE });
  return { count: modes.centres.length, found, samples: SAMPLES, near };
}
