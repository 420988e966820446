import { type DeviceProfile, keepsLoops } from "../gpu/profile.ts";
import { externalBinding, stateBinding } from "../plan/binding.ts";
import type { Binding, Dispatch } from "../plan/plan.ts";
import { optimizerGradientNorm } from "../shaders/optimizer/gradient_norm.generated.ts";
import { optimizerUpdate } from "../shaders/optimizer/update.generated.ts";
import { stateAdvance } from "../shaders/state/advance.generated.ts";
import { stateCheck } from "../shaders/state/check.generated.ts";
import { linearGrid, threadsFor } from "./geometry.ts";
import { link } from "./link.ts";

/** Words of a row of the metrics ring before the metrics themselves; see shaders/state/next_step.wgsl. */
export const RING_HEADER = 8;

/** Rows of the metrics ring: at most so many steps lie between two copies to the host. */
export const RING_ROWS = 256;

/** Words of a ring row that holds `metrics` numbers. */
export const ringRow = (metrics: number): number => RING_HEADER + metrics;

/** The most partial sums of the gradient norm; arenas, and so partial sums, come in multiples of 16. */
const MAX_PARTIALS = 1024;
export const NORM_PARTIAL_BYTES = 4 * MAX_PARTIALS;

/** An optimizer as the kernels take it. */
export interface OptimizerConstants {
  /** What it is called, for people. */
  readonly rule: string;
  /** The `override` constants of shaders/optimizer/update.wgsl that are its own. */
  readonly constants: Readonly<Record<string, number>>;
  /** The largest norm of a gradient; 0 for none. */
  readonly clipNorm: number;
}

/** A part of the arenas, in bytes; multiples of a binding's alignment. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

interface UpdateProblem {
  readonly arenaBytes: number;
  /** What the objective moves. */
  readonly trained: readonly ByteRange[];
  /** Where the moments of that lie, in the same order, and the bytes of their arenas; as the parameters unless given. */
  readonly moments?: { readonly ranges: readonly ByteRange[]; readonly arenaBytes: number };
  /** Running statistics whose next values lie in the arena of gradients. */
  readonly statistics: readonly ByteRange[];
  /** Which of the step's metrics is the loss. */
  readonly loss: number;
  /** Which vec4f of the state's schedules holds learning rate and bias corrections. */
  readonly rates: number;
  /** The end of the step, which comes with this objective if it is the last one. */
  readonly end: StepEnd;
  readonly last: boolean;
  readonly optimizer: OptimizerConstants;
  readonly profile: DeviceProfile;
}

/**
 * What follows an objective's gradients: their norm, the check, with which the state moves on to the next step after the last
 * objective, and one update of everything that it moves.
 */
export function updateRanges(problem: UpdateProblem): Dispatch[] {
  const { arenaBytes, loss, rates, end, last, optimizer, profile } = problem;
  const moments = problem.moments ?? { ranges: problem.trained, arenaBytes };
  const trained = vectorsIn(problem.trained);
  const statistics = vectorsIn(problem.statistics);
  const arena = (name: string, bytes: number) => `alias ${name} = array<vec4f, ${bytes / 16}>;\n`;
  const sizes = arena("Arena", arenaBytes);
  const [trainedAt, momentsAt, statisticAt] = [
    placeFunction("trained_at", problem.trained),
    placeFunction("moments_at", moments.ranges),
    placeFunction("statistic_at", problem.statistics),
  ];
  const threads = threadsFor(trained + statistics, profile);
  const partials = Math.max(16, Math.min(trained, profile.software ? 128 : MAX_PARTIALS));
  const partialSums = externalBinding("normPartials", Math.ceil(partials / 4) * 16, "read_write");
  const common = { shape: String((trained + statistics) * 4), flops: 0 };
  const counts = { TRAINED: trained, STATISTICS: statistics };
  return [
    {
      ...common,
      kernel: "optimizer/gradient_norm",
      label: "gradient norm",
      code: link(optimizerGradientNorm, { sizes, places: trainedAt + statisticAt }),
      constants: { ...counts, THREADS: partials },
      bindings: [externalBinding("gradients", arenaBytes, "read"), partialSums],
      workgroups: linearGrid(partials, 64),
      flops: 8 * trained,
      bytes: 16 * (trained + statistics),
    },
    {
      ...common,
      kernel: "state/check",
      label: last ? "clip factor, finite? metrics ring, next step" : "clip factor, finite?",
      code: link(stateCheck),
      constants: {
        PARTIALS: partials / 4,
        CLIP_NORM: optimizer.clipNorm,
        LOSS: loss,
        RATES: rates,
        LAST: Number(last),
        ...endConstants(end),
        ROLLED: Number(keepsLoops(profile)),
      },
      bindings: [{ ...partialSums, access: "read" }, ...endBindings(end)],
      workgroups: [1, 1, 1],
      bytes: 4 * partials,
    },
    {
      ...common,
      kernel: "optimizer/update",
      label: optimizer.rule,
      code: link(optimizerUpdate, {
        sizes: sizes + arena("Moments", moments.arenaBytes),
        places: trainedAt + momentsAt + statisticAt,
      }),
      constants: { ...counts, THREADS: threads, ...optimizer.constants },
      bindings: [
        externalBinding("gradients", arenaBytes, "read"),
        externalBinding("parameters", arenaBytes, "read_write"),
        externalBinding("firstMoments", moments.arenaBytes, "read_write"),
        externalBinding("secondMoments", moments.arenaBytes, "read_write"),
        stateBinding("uniform"),
      ],
      workgroups: linearGrid(threads, 64),
      flops: 60 * trained,
      bytes: 16 * (7 * trained + 2 * statistics),
    },
  ];
}

const vectorsIn = (ranges: readonly ByteRange[]): number =>
  ranges.reduce((sum, { from, to }) => sum + (to - from) / 16, 0);

/** WGSL for the place in the arenas of the k-th vec4f of ranges one after another. */
function placeFunction(name: string, ranges: readonly ByteRange[]): string {
  let before = 0;
  const places = ranges.map(({ from, to }) => {
    const offset = from / 16 - before;
    before += (to - from) / 16;
    return { end: before, place: offset === 0 ? "k" : `k ${offset < 0 ? "-" : "+"} ${Math.abs(offset)}u` };
  });
  const last = places.pop()?.place ?? "k";
  const others = places.map(({ end, place }) => `  if (k < ${end}u) {\n    return ${place};\n  }\n`);
  return `fn ${name}(k: u32) -> u32 {\n${others.join("")}  return ${last};\n}\n`;
}

/** What the end of a step writes, and how the next one begins. */
export interface StepEnd {
  readonly metrics: Binding;
  readonly metricCount: number;
  readonly batchSize: number;
  readonly schedules: number;
  readonly tableRows: number;
  /** The step that the table of schedules begins with; 0 by default. */
  readonly start?: number;
}

/** Writes the step's row of the metrics ring and moves the state to the next step, where nothing is updated. */
export const advanceState = (end: StepEnd): Dispatch => ({
  kernel: "state/advance",
  label: "metrics ring, next step",
  code: link(stateAdvance),
  constants: endConstants(end),
  bindings: endBindings(end),
  workgroups: [1, 1, 1],
  shape: "1",
  flops: 0,
  bytes: 4 * ringRow(end.metricCount),
});

const endConstants = ({ metricCount, schedules, tableRows, batchSize, start = 0 }: StepEnd) => ({
  METRICS: metricCount,
  ROW: ringRow(metricCount),
  RING: RING_ROWS,
  SCHEDULES: schedules,
  TABLE: tableRows,
  START: start,
  ROWS: batchSize,
});

const endBindings = ({ metrics, metricCount, schedules, tableRows }: StepEnd): Binding[] => [
  { ...metrics, access: "read" },
  externalBinding("schedules", 4 * tableRows * schedules, "read"),
  externalBinding("ring", 4 * RING_ROWS * ringRow(metricCount), "read_write"),
  stateBinding("read_write"),
];
