import { type DrawnOptions, drawnConstraints } from "../data/drawn-options.ts";
import { DEFAULT_READING, type ReadOptions, readConstraints } from "../data/read-options.ts";
import { scales } from "../data/scaling.ts";
import { buildFamily, type DataDescription, type FamilyStatement, noFamily } from "../models/family.ts";
import type { Model } from "../models/model.ts";
import { oneOf, orNull, whole } from "../schema/constraints.ts";
import {
  fits,
  holding,
  nullable,
  type Output,
  object,
  optional,
  picked,
  type Schema,
  variant,
} from "../schema/schema.ts";
import { trainingWith } from "./defaults.ts";
import { presets, statements } from "./presets.ts";
import { trainingSchema } from "./training.ts";

/**
 * The whole description of a run, every default written out: what stands in a run's config.json, and all that its
 * result depends on beside the data itself. `resolve.ts` makes one from preset, file and flags.
 */

const familyNames = Object.keys(statements);

/** A family's name and its options, as the family states them. */
const modelSchema = variant(
  "family",
  Object.values(statements).map(({ name, options }) =>
    object({
      family: picked([name], `"${name}"`),
      ...Object.fromEntries(
        Object.entries(options).map(([key, { schema, default: fallback }]) => [key, optional(schema, fallback)]),
      ),
    }),
  ),
);

const asRead = <Key extends keyof ReadOptions>(key: Key) => optional(readConstraints[key].schema, DEFAULT_READING[key]);

/** Left out where nobody says it: a config of other data has no such key. */
const asDrawn = (key: keyof DrawnOptions) => optional(drawnConstraints[key].schema);

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const path = (phrase: string) => holding<string>(phrase, isText);

const className = holding<string | number>(
  "a class's name or number, or null",
  (value) => isText(value) || fits(whole(0).schema, value),
);

const data = object({
  /** A built-in or downloadable set by name, or the path of one. */
  name: path("a name or a path"),
  /** Where the files of a named set lie; null looks in REPARAM_DATA and the usual places. */
  directory: nullable(path("a folder or null")),
  /** Take only the first N examples; null takes all. */
  trainCount: orNull(whole(1)).schema,
  testCount: orNull(whole(1)).schema,
  /** Train on the examples of this class alone, by its name or number; null takes all. Statistics are fitted to all. */
  trainClass: optional(nullable(className), null),
  /** Seed of a generated set, and of what is held out of a file for the test. */
  seed: whole(0, 0xffff_ffff).schema,
  header: asRead("header"),
  examples: asRead("examples"),
  label: asRead("label"),
  ignore: asRead("ignore"),
  missing: asRead("missing"),
  kind: asRead("kind"),
  channels: asRead("channels"),
  channelsFirst: asRead("channelsFirst"),
  genes: asDrawn("genes"),
  factors: asDrawn("factors"),
  groups: asDrawn("groups"),
  size: asDrawn("size"),
  /** How `x` is scaled by what the training examples are like. */
  scale: optional(oneOf(scales).schema, "none"),
});

export const configSchema = object({
  model: modelSchema as Schema<unknown> as Schema<ModelConfig>,
  data,
  training: trainingSchema,
  seed: whole(0, 0xffff_ffff).schema,
  host: oneOf(["chromium", "dawn"]).schema,
  /** How many of the last checkpoints stay in the run folder, beside the best one; null keeps all. */
  keep: optional(orNull(whole(1)).schema, 3),
});

/** A family by its name, and its options. */
export interface ModelConfig {
  readonly family: string;
  readonly [option: string]: unknown;
}

export type RunConfig = Output<typeof configSchema>;
export type DataConfig = RunConfig["data"];

export const DEFAULT_DATA: DataConfig = {
  ...DEFAULT_READING,
  name: "digits",
  directory: null,
  trainCount: null,
  testCount: null,
  trainClass: null,
  seed: 0,
  scale: "none",
};

/** Builds the model of a config for data. Throws ReparamError "config" or "data". */
export function buildModel({ family, ...options }: ModelConfig, made: DataDescription): Model {
  if (Object.hasOwn(statements, family)) return buildFamily(statements[family], options, made);
  throw noFamily(family, familyNames);
}

/** What a person should know before training the model of a config on data, a sentence without a full stop each. */
export const remarksOnModel = ({ family, ...options }: ModelConfig, made: DataDescription): readonly string[] =>
  statements[family].remarks?.(options, made) ?? [];

/** The whole config of a preset. Where its data are none that are built in, those have to be named. */
export function presetConfig(name: string): RunConfig {
  const { statement, options, training, data } = presets[name];
  return {
    model: modelConfig(statement, options),
    data: { ...DEFAULT_DATA, ...(typeof data === "object" && data) },
    training: trainingWith(statement.training, training),
    seed: 1,
    host: "chromium",
    keep: 3,
  };
}

/** A family with all of its options, the ones given and the defaults of the others. */
export const modelConfig = ({ name, options }: FamilyStatement, given: object = {}): ModelConfig => ({
  family: name,
  ...Object.fromEntries(Object.entries(options).map(([key, { default: fallback }]) => [key, fallback])),
  ...given,
});
