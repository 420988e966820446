import { compile, type Precision } from "../compiler/compile.ts";
import type { DeviceProfile } from "../gpu/profile.ts";
import { advanceState, type ByteRange, type StepEnd, updateRanges } from "../kernels/update.ts";
import type { Stage } from "../models/model.ts";
import { type Optimizer, optimizerConstants } from "../nn/optimizers.ts";
import { sizeOf } from "../node/node.ts";
import { BINDING_ALIGNMENT, externalBinding, roundUp } from "../plan/binding.ts";
import type { Dispatch, Plan } from "../plan/plan.ts";
import type { ArenaLayout } from "../runtime/arena.ts";
import type { MetricPlace } from "./metrics.ts";
import { momentsOf } from "./moments.ts";
import { GRADIENT, leafPlaces, type ObjectiveGraph } from "./objective.ts";

/** The buffer of a step's metrics: each objective's begin at a multiple of a binding's alignment. */
export const METRICS = "metrics";

/** Where the metrics of objectives lie one after another. */
export interface MetricRow {
  readonly places: readonly MetricPlace[];
  /** Numbers in all, gaps included. */
  readonly count: number;
  /** The first number of each objective. */
  readonly starts: readonly number[];
}

export function metricRow(graphs: readonly ObjectiveGraph[]): MetricRow {
  const starts: number[] = [];
  let count = 0;
  for (const { metricCount } of graphs) {
    const start = roundUp(count, BINDING_ALIGNMENT / 4);
    starts.push(start);
    count = start + metricCount;
  }
  const places = graphs.flatMap(({ metrics }, k) => metrics.map((place) => ({ ...place, at: starts[k] + place.at })));
  return { places, count, starts };
}

export interface StepProblem {
  readonly graphs: readonly ObjectiveGraph[];
  readonly row: MetricRow;
  readonly layout: ArenaLayout;
  readonly profile: DeviceProfile;
  readonly precision?: Precision;
  /** Names of the schedules in the order of the state buffer. */
  readonly schedules: readonly string[];
  readonly tableRows: number;
  readonly batchSize: number;
  /** What fills the batch. */
  readonly picks: readonly Dispatch[];
  /** The step at which the stage begins. */
  readonly start: number;
}

export interface TrainingProblem extends StepProblem {
  readonly stage: Stage;
  /** The arenas of moments. */
  readonly moments: ArenaLayout;
}

/**
 * One step of training: the batch is picked; each objective's terms and gradients are computed and what it moves is
 * updated, in order, so that the second sees what the first did; with the last one the state moves on.
 */
export function trainingPlan(problem: TrainingProblem, optimizerFor: (graph: ObjectiveGraph) => Optimizer): Plan {
  const { graphs, row, stage, layout, moments, profile } = problem;
  const namesOf = (tensors: readonly { readonly name: string }[]) => tensors.map(({ name }) => name);
  return joined(problem, (graph, k, end) => {
    const optimizer = optimizerFor(graph);
    const { name: rule, clipNorm } = optimizer;
    return updateRanges({
      arenaBytes: layout.bytes,
      trained: rangesOf(layout, namesOf(graph.objective.moves)),
      moments: {
        ranges: rangesOf(moments, namesOf(momentsOf(stage, graph.objective))),
        arenaBytes: moments.bytes,
      },
      statistics: rangesOf(layout, graph.updates),
      loss: row.starts[k],
      rates: k,
      end,
      last: k === graphs.length - 1,
      optimizer: { rule, constants: optimizerConstants(optimizer), clipNorm: clipNorm ?? 0 },
      profile,
    });
  });
}

/** One batch of evaluation: the terms of each objective, and nothing is moved. */
export const evaluationPlan = (problem: StepProblem): Plan =>
  joined(problem, (_graph, k, end) => (k === problem.graphs.length - 1 ? [advanceState(end)] : []));

/** The launches of each objective, with those that `behind` puts behind them. */
function joined(
  { graphs, row, layout, profile, precision, schedules, tableRows, batchSize, picks, start }: StepProblem,
  behind: (graph: ObjectiveGraph, k: number, end: StepEnd) => readonly Dispatch[],
): Plan {
  const end: StepEnd = {
    metrics: externalBinding(METRICS, metricBytes(row), "read"),
    metricCount: row.count,
    batchSize,
    schedules: schedules.length,
    tableRows,
    start,
  };
  const plans = graphs.map((graph, k): Plan => {
    const metrics = { buffer: { external: METRICS }, offset: 4 * row.starts[k] };
    const compiled = compile(graph.graph, {
      profile,
      precision,
      schedules,
      leaves: leafPlaces(layout),
      outputs: (name) =>
        name.startsWith(GRADIENT)
          ? { buffer: { external: "gradients" }, offset: layout.offsets.get(name.slice(GRADIENT.length))! }
          : metrics,
    });
    return { ...compiled, dispatches: [...compiled.dispatches, ...behind(graph, k, end)] };
  });
  return concatenate([{ dispatches: picks, slots: [], outputs: {} }, ...plans]);
}

export const metricBytes = ({ count }: MetricRow): number => roundUp(4 * count, 16);

/** Plans one after another over the same slots: what one leaves there is not needed by the next. */
export function concatenate(plans: readonly Plan[]): Plan {
  const slots: number[] = [];
  for (const plan of plans) {
    for (const [k, bytes] of plan.slots.entries()) slots[k] = Math.max(slots[k] ?? 0, bytes);
  }
  return {
    dispatches: plans.flatMap(({ dispatches }) => dispatches),
    slots,
    outputs: Object.assign({}, ...plans.map(({ outputs }) => outputs)),
  };
}

/** The parts of an arena that tensors lie in, in their order, neighbours as one. */
export function rangesOf({ offsets, parameters }: ArenaLayout, names: readonly string[]): ByteRange[] {
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
  const ranges: { from: number; to: number }[] = [];
  for (const name of names) {
    const from = offsets.get(name)!;
    const to = roundUp(from + 4 * sizeOf(shapes.get(name)!), BINDING_ALIGNMENT);
    const last = ranges.at(-1);
    if (last?.to === from) last.to = to;
    else ranges.push({ from, to });
  }
  return ranges;
}
