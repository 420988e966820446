import { ReparamError } from "../errors.ts";
import type { Batch, Model } from "../models/model.ts";
import type { Parameter } from "../nn/parameter.ts";
import type { Pass } from "../nn/pass.ts";
import { type Node, sameShape } from "../node/node.ts";
import { constant, input } from "../ops/leaf.ts";

/** Names of the buffers that a step's batch is picked into. */
export const WEIGHT = "weight";
export const INDEX = "index";
export const fieldBuffer = (field: string): string => `field ${field}`;

/** A batch and a pass as nodes, and what the graph that was built from them asked for. */
export interface OpenedBatch {
  readonly batch: Batch;
  readonly pass: Pass;
  /** The fields that were asked for. */
  readonly reads: ReadonlySet<string>;
  readsIndex(): boolean;
  /** What the step makes of running statistics. */
  readonly statistics: ReadonlyMap<Parameter, Node>;
}

/** Where a model's terms begin: `rows` rows of its fields. `scope` goes before the names of noise. */
export function openBatch(
  { fields, parameters }: Pick<Model, "fields" | "parameters">,
  rows: number,
  { training, scope = "" }: { training: boolean; scope?: string },
): OpenedBatch {
  const reads = new Map<string, Node>();
  const weight = input(WEIGHT, [rows]);
  let index: Node | undefined;
  const { pass, statistics } = openPass({ parameters, rows, weight, training, scope });
  return {
    batch: {
      weight,
      index: () => (index ??= input(INDEX, [rows])),
      field: (name) => {
        if (!Object.hasOwn(fields, name)) {
          const known = Object.keys(fields).join(", ");
          throw new ReparamError("data", `The model reads the field "${name}", and was made for ${known || "none"}.`);
        }
        if (!reads.has(name)) reads.set(name, input(fieldBuffer(name), [rows, ...fields[name].shape]));
        return reads.get(name)!;
      },
    },
    pass,
    get reads() {
      return new Set(reads.keys());
    },
    readsIndex: () => index !== undefined,
    statistics,
  };
}

/** The pass of everything that is neither training nor evaluation: all rows count. */
export const usePass = (rows: number): Pass =>
  openPass({ parameters: [], rows, weight: constant(1, [rows]), training: false, scope: "" }).pass;

function openPass(options: {
  parameters: readonly Parameter[];
  rows: number;
  weight: Node;
  training: boolean;
  scope: string;
}): { pass: Pass; statistics: Map<Parameter, Node> } {
  const { parameters, rows, weight, training, scope } = options;
  const statistics = new Map<Parameter, Node>();
  const drawn = new Map<string, number>();
  const pass: Pass = {
    training,
    rows,
    weight,
    noise: (name) => {
      const scoped = scope ? `${scope}.${name}` : name;
      const times = (drawn.get(scoped) ?? 0) + 1;
      drawn.set(scoped, times);
      return times === 1 ? scoped : `${scoped} ${times}`;
    },
    update: (statistic, next) => {
      if (!training) return;
      const refuse = (sentence: string) => {
        throw new ReparamError("config", `A step updates "${statistic.name}", ${sentence}.`);
      };
      if (statistic.trained) refuse("which an optimizer moves: a running statistic has `trained: false`");
      if (!parameters.includes(statistic)) refuse("which is none of the model's parameters: list it there");
      const value = next(statistics.get(statistic) ?? statistic.node);
      if (!sameShape(value.shape, statistic.shape)) {
        refuse(
          `a running statistic of shape [${statistic.shape}], with the shape [${value.shape}]: the two must agree`,
        );
      }
      statistics.set(statistic, value);
    },
  };
  return { pass, statistics };
}
