import type { Field } from "../data/dataset.ts";
import type { OptimizerOptions } from "../nn/optimizers.ts";
import type { Parameter } from "../nn/parameter.ts";
import type { Pass } from "../nn/pass.ts";
import type { ScheduleDescription } from "../nn/schedules.ts";
import type { Node } from "../node/node.ts";

/**
 * One number of a batch. [rows]: a mean over its examples. []: itself, such as a penalty on the whole batch.
 * { total, count }, both [rows] or []: Σ total / Σ count, such as bits a token.
 */
export type Term = Node | { readonly total: Node; readonly count: Node };

/** The terms of an objective by name; `loss` is the one that gets smaller. */
export type Terms = { readonly loss: Term } & Readonly<Record<string, Term>>;

/** What a model sees of a batch, in training and in evaluation alike. */
export interface Batch {
  /** [rows, ...shape]: a field's values. Asking for a field is what makes it picked. Throws ReparamError "data". */
  field(name: string): Node;
  /** [rows]: each example's place in its split. */
  index(): Node;
  /** [rows]: 1 for each example, and 0 for the rows past the end of a ragged last batch. */
  readonly weight: Node;
}

/** What some of the parameters are moved for. */
export interface Objective {
  readonly name: string;
  /** The trained parameters that it moves, by its loss. */
  readonly moves: readonly Parameter[];
  /** Which of the run's optimizers moves them: the main one unless one is named. */
  readonly optimizer?: string;
  /** What its terms are measured in, such as "nats"; "" for plain numbers. A term of another unit is named in `units`. */
  readonly unit: string;
  readonly units?: Readonly<Record<string, string>>;
  terms(batch: Batch, pass: Pass): Terms;
}

/** A part of a run: in each of its steps, every objective in order. */
export interface Stage {
  readonly name: string;
  /** Its part of the run's steps, beside the other stages' shares. */
  readonly share: number;
  readonly objectives: readonly Objective[];
  /** The term that says which epoch was best, and stops a run early; null where none does. */
  readonly monitor: { readonly term: string; readonly split: "train" | "test" } | null;
}

/** What a trained model is for. */
export interface Use {
  /** What it takes by name; {} where it takes noise alone. `index` is an example's place among the training examples. */
  readonly from: Readonly<Record<string, Field>>;
  readonly to: Field;
  /** inputs: [rows, ...shape] of each → [rows, ...to.shape] */
  apply(inputs: Readonly<Record<string, Node>>, pass: Pass): Node;
}

/** What suits a model: used where neither preset nor user say otherwise. */
export interface TrainingDefaults {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly optimizer?: OptimizerOptions;
  /** What differs for the objectives that name an optimizer of their own. */
  readonly optimizers?: Readonly<Record<string, OptimizerOptions>>;
}

/** From one number to another, both included. */
export type Range = readonly [number, number];

/** A model as lists. Everything that a run compiles, measures, saves and shows comes from here. */
export interface Model {
  /** The fields of the data that it was made for. */
  readonly fields: Readonly<Record<string, Field>>;
  /** Where the training values of fields have to lie: beyond that a cross-entropy, say, has no least value to come to. */
  readonly within?: Readonly<Record<string, Range>>;
  readonly parameters: readonly Parameter[];
  /** The schedules that its terms read, and how each goes over a run. */
  readonly schedules: Readonly<Record<string, ScheduleDescription>>;
  readonly stages: readonly Stage[];
  /** What a run of it takes where nobody says otherwise. */
  readonly training?: TrainingDefaults;
  /**
   * By name; commands and pictures know `sample`, `encode`, `decode`, `reconstruct`, `posterior`, `corrupt`, `binarise`, `classify`,
   * `score` and `logLikelihood`.
   */
  readonly uses: Readonly<Record<string, Use>>;
}

/** The parts of an ordinary model: one stage with one objective that moves everything, watched by its test loss. */
export interface AutoencoderParts {
  readonly fields: Model["fields"];
  readonly within?: Model["within"];
  readonly parameters: readonly Parameter[];
  readonly schedules?: Model["schedules"];
  readonly unit: string;
  readonly units?: Objective["units"];
  readonly monitor?: Stage["monitor"];
  readonly terms: Objective["terms"];
  readonly uses: Model["uses"];
  /** A finished model is none of the parts. */
  readonly stages?: never;
}

export function autoencoder(parts: AutoencoderParts): Model {
  const { fields, within, parameters, schedules = {}, unit, units, terms, uses } = parts;
  const { monitor = { term: "loss", split: "test" } } = parts;
  const moves = parameters.filter(({ trained }) => trained);
  const objective: Objective = { name: "model", moves, unit, ...(units && { units }), terms };
  return {
    fields,
    ...(within && { within }),
    parameters,
    schedules,
    stages: [{ name: "training", share: 1, objectives: [objective], monitor }],
    uses,
  };
}

/** What the places of examples are to a model that knows them by these: it can be used on the training examples alone. */
export const placesOf = ({ uses }: { readonly uses: Readonly<Record<string, Pick<Use, "from">>> }): Field | undefined =>
  Object.values(uses).find(({ from }) => Object.hasOwn(from, "index"))?.from.index;
