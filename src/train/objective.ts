import type { Place } from "../compiler/memory.ts";
import { ReparamError } from "../errors.ts";
import { gradients } from "../graph/differentiate.ts";
import { collect, type Graph } from "../graph/graph.ts";
import type { Model } from "../models/model.ts";
import { inference, type Parameter, type Pass } from "../nn/layers.ts";
import { type Node, sameShape, sizeOf } from "../node/node.ts";
import { div, mul } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { sum } from "../ops/reduce.ts";
import { concat, reshape } from "../ops/shape.ts";
import type { ArenaLayout } from "../runtime/arena.ts";
import type { StepRow } from "../runtime/runner.ts";

/** Means over examples, in nats: `loss` and the model's terms. */
export type Losses = { readonly loss: number } & Readonly<Record<string, number>>;

/** Names of the schedules in the state buffer; shaders/optimizer/update.wgsl reads the first three. */
export const SCHEDULES = ["learningRate", "firstCorrection", "secondCorrection", "klWeight"];

/**
 * The mean of a batch's loss terms over its real examples, also as one vector `metrics`, the loss first; and what a step
 * of training makes of each running statistic.
 */
export function batchObjective(
  model: Model,
  batchSize: number,
  features: number,
  training: boolean,
): { loss: Node; metrics: Node; names: string[]; statistics: ReadonlyMap<Parameter, Node> } {
  const x = input("x", [batchSize, features]);
  const weight = input("weight", [batchSize]);
  const statistics = new Map<Parameter, Node>();
  const update = (statistic: Parameter, next: Node) => {
    const refuse = (sentence: string) => {
      throw new ReparamError("config", `A step updates "${statistic.name}", ${sentence}.`);
    };
    if (statistic.trained) refuse("which the optimizer moves: a running statistic has `trained: false`");
    if (!model.parameters.includes(statistic)) refuse("which is none of the model's parameters: list it there");
    if (statistics.has(statistic)) refuse("a running statistic, twice: apply its layer once, or make two layers");
    if (!sameShape(next.shape, statistic.shape)) {
      refuse(`a running statistic of shape [${statistic.shape}], with the shape [${next.shape}]: the two must agree`);
    }
    statistics.set(statistic, next);
  };
  const pass: Pass = training ? { training, weight, update } : inference;
  const { loss, ...others } = model.terms(x, pass);
  const total = sum(weight);
  const mean = (values: Node) => div(sum(mul(values, weight)), total);
  const means = Object.entries({ loss, ...others }).map(([name, values]) => [name, mean(values)] as const);
  return {
    loss: means[0][1],
    metrics: concat(
      means.map(([, value]) => reshape(value, [1])),
      0,
    ),
    names: means.map(([name]) => name),
    statistics,
  };
}

/** Prefix of the outputs of `stepGraph` that lie in the arena of gradients: those, and the next values of statistics. */
export const GRADIENT = "gradient ";

/** What a training step computes: a batch's metrics, the gradient by each parameter, and the next running statistics. */
export function stepGraph(model: Model, batchSize: number): { graph: Graph; names: string[] } {
  const { loss, metrics, names, statistics } = batchObjective(model, batchSize, sizeOf(model.input), true);
  const trained = model.parameters.filter((parameter) => parameter.trained);
  const slopes = gradients(
    loss,
    trained.map(({ node }) => node),
  );
  const graph = collect({
    metrics,
    ...Object.fromEntries(trained.map(({ name }, k) => [GRADIENT + name, slopes[k]])),
    ...Object.fromEntries(
      model.parameters
        .filter((parameter) => !parameter.trained)
        .map((statistic) => [GRADIENT + statistic.name, statistics.get(statistic) ?? statistic.node]),
    ),
  });
  return { graph, names };
}

/**
 * Where a graph's leaves lie: parameters in the arena, the rest in buffers of their names.
 * Throws ReparamError "config" for a parameter that the model does not list.
 */
export const leafPlaces =
  (layout: ArenaLayout) =>
  ({ op, name }: Node): Place => {
    if (op.name !== "parameter") return { buffer: { external: name! }, offset: 0 };
    const offset = layout.offsets.get(name!);
    if (offset !== undefined) return { buffer: { external: "parameters" }, offset };
    throw new ReparamError("config", `The model uses the parameter "${name}": list it in the model's parameters.`);
  };

/** Adds up rows, each by its number of examples, from where another sum stopped. */
export function createTotals(
  names: readonly string[],
  start?: { readonly examples: number; readonly sums: readonly number[] },
) {
  let examples = start?.examples ?? 0;
  const sums = start ? [...start.sums] : names.map(() => 0);
  return {
    add: ({ valid, metrics }: Pick<StepRow, "valid" | "metrics">): void => {
      examples += valid;
      for (let k = 0; k < sums.length; k++) sums[k] += valid * metrics[k];
    },
    means: (): Losses => Object.fromEntries(names.map((name, k) => [name, sums[k] / examples])) as Losses,
    state: () => ({ examples, sums: [...sums] }),
  };
}
