import type { DataConfig } from "../../config/config.ts";
import { type FieldValues, fieldSize } from "../../data/dataset.ts";
import type { SavedModel } from "../saved-model.ts";
import type { Services } from "../services.ts";
import { wholeNumber } from "../use-flags.ts";
import type { Rows } from "../use-rows.ts";

/** Flags of `reparam sample` that only some samplers take. */
export interface SamplerFlags {
  readonly row?: string;
  readonly steps?: string;
  readonly path?: string;
  readonly spread?: boolean;
  readonly range?: string;
  readonly components?: string;
  readonly covariance?: string;
  readonly count?: string;
  readonly label?: string;
  readonly data?: string;
  readonly dataDir?: string;
  readonly split?: string;
}

export interface SamplerInput {
  readonly saved: SavedModel;
  readonly data: DataConfig;
  readonly flags: SamplerFlags;
  readonly seed: number;
  readonly services: Services;
}

/** Runs a use of the model on rows. */
export type AskUse = (use: string, rows: Omit<Rows, "what">) => Promise<Float32Array>;

/** Codes that are to be decoded, settled but for what the model itself has to say. */
export interface Sampled {
  /** Where they come from, in words. */
  readonly what: string;
  readonly count: number;
  /** Their classes, where those follow from the examples that the codes are of. */
  readonly labels?: FieldValues;
  /** Rows of the picture: so many codes side by side, and what stands left of each row. */
  readonly grid?: { readonly columns: number; readonly rows: readonly string[] };
  /** [count, latent] */
  codes(ask: AskUse): Promise<Float32Array>;
}

/** Where codes come from that a model decodes. */
export interface Sampler {
  /** What it says of itself in the help. */
  readonly summary: string;
  /** The uses that a model needs for it, beside `decode`. */
  uses(flags: SamplerFlags): readonly string[];
  /** The flags that it takes. */
  readonly flags: readonly (keyof SamplerFlags)[];
  /** Throws ReparamError "usage" or "data". */
  prepare(input: SamplerInput): Promise<Sampled>;
}

export const DATA_FLAGS = ["data", "dataDir", "split"] as const;

/** Codes of a row. */
export const STEPS = 11;

export const latentOf = ({ model }: SavedModel): number => fieldSize(model.uses.decode.from.code);

export const countOf = ({ count = "64" }: SamplerFlags): number => wholeNumber("--count", count, 1, 10_000_000);

export const stepsOf = ({ steps = `${STEPS}` }: SamplerFlags): number => wholeNumber("--steps", steps, 2, 1000);

/** Each value so many times, one after another. */
export function repeated(values: FieldValues | undefined, times: number): FieldValues | undefined {
  if (!values) return undefined;
  const result = new (values.constructor as new (length: number) => FieldValues)(values.length * times);
  return result.map((_, k) => values[Math.floor(k / times)]);
}
