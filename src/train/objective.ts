import type { Place } from "../compiler/memory.ts";
import { ReparamError } from "../errors.ts";
import { gradients } from "../graph/differentiate.ts";
import { collect, type Graph } from "../graph/graph.ts";
import type { Model, Objective, Stage, Term } from "../models/model.ts";
import { type Node, sameShape } from "../node/node.ts";
import { div, mul } from "../ops/arithmetic.ts";
import { sum } from "../ops/reduce.ts";
import { concat, reshape } from "../ops/shape.ts";
import type { ArenaLayout } from "../runtime/arena.ts";
import { type OpenedBatch, openBatch } from "./batch.ts";
import { type MetricPlace, metricName } from "./metrics.ts";

/** Prefix of the outputs that lie in the arena of gradients: those, and the next values of statistics. */
export const GRADIENT = "gradient ";

/** What one objective of a step computes. */
export interface ObjectiveGraph {
  readonly objective: Objective;
  /** Outputs: `metrics`, and in training `gradient NAME` of what it moves and of the statistics that it updates. */
  readonly graph: Graph;
  /** Where its terms lie in `metrics`; the loss comes first. */
  readonly metrics: readonly MetricPlace[];
  readonly metricCount: number;
  /** The fields of the batch that it reads. */
  readonly reads: ReadonlySet<string>;
  readonly readsIndex: boolean;
  /** Names of the running statistics that it updates. */
  readonly updates: readonly string[];
}

/** A term as the numbers that metrics hold, and the scalar that it is. */
interface Measured {
  readonly kind: MetricPlace["kind"];
  readonly numbers: readonly Node[];
  readonly value: Node;
}

/** An objective's terms over a batch of so many rows, the loss first, and the batch with what they asked of it. */
export function openTerms(
  model: Model,
  objective: Objective,
  rows: number,
  { training, scope = "" }: { training: boolean; scope?: string },
): { readonly opened: OpenedBatch; readonly terms: readonly (readonly [string, Term])[] } {
  const opened = openBatch(model, rows, { training, scope });
  const { loss, ...others } = objective.terms(opened.batch, opened.pass);
  return { opened, terms: Object.entries({ loss, ...others }) };
}

/**
 * The graph of an objective over a batch of so many rows. `scope` goes before the names of its noise, so that an
 * objective that comes again in a step draws anew.
 * Throws ReparamError "config" where a term has another shape than its kind allows.
 */
function objectiveGraph(
  model: Model,
  stage: Stage,
  objective: Objective,
  rows: number,
  { training, scope }: { training: boolean; scope?: string },
): ObjectiveGraph {
  const { opened, terms } = openTerms(model, objective, rows, { training, scope });
  const { batch, statistics } = opened;
  const total = sum(batch.weight);
  const measured = terms.map(([name, term]) => [name, measure(name, term, rows, batch.weight, total)] as const);

  let at = 0;
  const metrics = measured.map(([name, { kind, numbers }]): MetricPlace => {
    const place = {
      name: metricName(stage, objective, name),
      unit: objective.units?.[name] ?? objective.unit,
      at,
      kind,
    };
    at += numbers.length;
    return place;
  });
  const numbers = measured.flatMap(([, term]) => term.numbers.map((number) => reshape(number, [1])));
  const slopes = training
    ? gradients(
        measured[0][1].value,
        objective.moves.map(({ node }) => node),
      )
    : [];
  const updated = model.parameters.filter((parameter) => statistics.has(parameter));
  const graph = collect({
    metrics: concat(numbers, 0),
    ...Object.fromEntries(slopes.map((slope, k) => [GRADIENT + objective.moves[k].name, slope])),
    ...Object.fromEntries(updated.map((statistic) => [GRADIENT + statistic.name, statistics.get(statistic)!])),
  });
  return {
    objective,
    graph,
    metrics,
    metricCount: at,
    reads: opened.reads,
    readsIndex: opened.readsIndex(),
    updates: updated.map(({ name }) => name),
  };
}

function measure(name: string, term: Term, rows: number, weight: Node, examples: Node): Measured {
  const total = (values: Node) => {
    if (values.shape.length === 0) return values;
    if (sameShape(values.shape, [rows])) return sum(mul(values, weight));
    throw new ReparamError(
      "config",
      `The term "${name}" has the shape [${values.shape}]: a term is one number an example, [${rows}], or one, [].`,
    );
  };
  if ("total" in term) {
    const numbers = [total(term.total), total(term.count)];
    return { kind: "ratio", numbers, value: div(numbers[0], numbers[1]) };
  }
  const value = term.shape.length === 0 ? term : div(total(term), examples);
  return { kind: "mean", numbers: [value], value };
}

/** The objectives of a stage's step in order; one that comes again draws noise of its own. */
export function stageGraphs(model: Model, stage: Stage, rows: number, training: boolean): ObjectiveGraph[] {
  const times = new Map<string, number>();
  return stage.objectives.flatMap((objective) => {
    const time = (times.get(objective.name) ?? 0) + 1;
    times.set(objective.name, time);
    if (time > 1 && !training) return []; // it would be evaluated to the same terms again
    return objectiveGraph(model, stage, objective, rows, { training, scope: time > 1 ? String(time) : "" });
  });
}

/**
 * Refuses a model whose lists do not fit together: a parameter that nothing moves, a name twice, an objective that
 * moves what is not the model's. Throws ReparamError "config".
 */
export function checkModel({ parameters, stages }: Model): void {
  const refuse = (sentence: string) => {
    throw new ReparamError("config", sentence);
  };
  const names = new Set<string>();
  for (const { name } of parameters) {
    if (names.has(name)) refuse(`Two of the model's parameters are called "${name}": rename one.`);
    names.add(name);
  }
  const moved = new Set(stages.flatMap(({ objectives }) => objectives.flatMap(({ moves }) => moves)));
  if (stages.length === 0) refuse("The model has no stage: there is nothing to train.");
  for (const { name, share, objectives } of stages) {
    if (objectives.length === 0) refuse(`The stage "${name}" has no objective: there is nothing to train.`);
    if (!(share > 0)) refuse(`The stage "${name}" has the share ${share} of the run, and shares are above 0.`);
  }
  for (const parameter of moved) {
    if (!parameters.includes(parameter)) {
      refuse(`An objective moves "${parameter.name}", which is none of the model's parameters: list it there.`);
    }
    if (!parameter.trained) refuse(`An objective moves "${parameter.name}", which has \`trained: false\`.`);
  }
  const idle = parameters.find((parameter) => parameter.trained && !moved.has(parameter));
  if (idle) {
    refuse(`"${idle.name}" is trained, and no objective moves it: add it to \`moves\`, or give it \`trained: false\`.`);
  }
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
