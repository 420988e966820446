import type { DeviceProfile } from "../gpu/profile.ts";
import { type OptimizerOptions, optimizerConstants } from "../nn/optimizers.ts";
import { externalBinding, stateBinding } from "../plan/binding.ts";
import type { Binding, Dispatch } from "../plan/plan.ts";
import { linearGrid, threadsFor } from "./geometry.ts";
import { link } from "./link.ts";

/** Words of a row of the metrics ring before the metrics themselves; see shaders/state/advance.wgsl. */
export const RING_HEADER = 8;

/** Rows of the metrics ring: at most so many steps lie between two copies to the host. */
export const RING_ROWS = 256;

/** Words of a ring row that holds `metrics` numbers. */
export const ringRow = (metrics: number): number => RING_HEADER + metrics;

/** The most partial sums of the gradient norm; arenas, and so partial sums, come in multiples of 16. */
const MAX_PARTIALS = 1024;
export const NORM_PARTIAL_BYTES = 4 * MAX_PARTIALS;

/** The dispatches that end a training step: gradient norm, check, and one update of the whole parameter arena. */
export function updateParameters(
  { bytes, trainedBytes }: { readonly bytes: number; readonly trainedBytes: number },
  metrics: Binding,
  optimizer: OptimizerOptions,
  profile: DeviceProfile,
): Dispatch[] {
  const count = bytes / 16;
  const trained = trainedBytes / 16;
  const sizes = (vectors: number) => `alias Arena = array<vec4f, ${vectors}>;\n`;
  const threads = threadsFor(count, profile);
  const partials = Math.min(trained, profile.software ? 128 : MAX_PARTIALS);
  const partialSums = externalBinding("normPartials", Math.ceil(partials / 4) * 16, "read_write");
  const common = { shape: String(count * 4), flops: 0 };
  return [
    {
      ...common,
      kernel: "optimizer/gradient_norm",
      label: "gradient norm",
      code: link("optimizer/gradient_norm.wgsl", { sizes: sizes(count) }),
      constants: { COUNT: count, TRAINED: trained, THREADS: partials },
      bindings: [externalBinding("gradients", bytes, "read"), partialSums],
      workgroups: linearGrid(partials, 64),
      flops: 8 * trained,
      bytes,
    },
    {
      ...common,
      kernel: "state/check",
      label: "clip factor, finite?",
      code: link("state/check.wgsl"),
      constants: { PARTIALS: partials / 4, CLIP_NORM: optimizer.clipNorm ?? 0 },
      bindings: [{ ...partialSums, access: "read" }, { ...metrics, access: "read" }, stateBinding("read_write")],
      workgroups: [1, 1, 1],
      bytes: 4 * partials,
    },
    {
      ...common,
      kernel: "optimizer/update",
      label: optimizer.name,
      code: link("optimizer/update.wgsl", { sizes: sizes(count) }),
      constants: { COUNT: count, TRAINED: trained, THREADS: threads, ...optimizerConstants(optimizer) },
      bindings: [
        externalBinding("gradients", bytes, "read"),
        externalBinding("parameters", bytes, "read_write"),
        externalBinding("firstMoments", bytes, "read_write"),
        externalBinding("secondMoments", bytes, "read_write"),
        stateBinding("uniform"),
      ],
      workgroups: linearGrid(threads, 64),
      flops: 60 * trained,
      bytes: 7 * trainedBytes + 2 * (bytes - trainedBytes),
    },
  ];
}

interface AdvanceProblem {
  readonly metrics: Binding;
  readonly metricCount: number;
  readonly batchSize: number;
  readonly schedules: number;
  readonly tableRows: number;
}

/** Writes the step's row of the metrics ring and moves the state to the next step. */
export function advanceState({ metrics, metricCount, batchSize, schedules, tableRows }: AdvanceProblem): Dispatch {
  return {
    kernel: "state/advance",
    label: "metrics ring, next step",
    code: link("state/advance.wgsl"),
    constants: {
      METRICS: metricCount,
      ROW: ringRow(metricCount),
      RING: RING_ROWS,
      SCHEDULES: schedules,
      TABLE: tableRows,
      ROWS: batchSize,
    },
    bindings: [
      { ...metrics, access: "read" },
      externalBinding("schedules", 4 * tableRows * schedules, "read"),
      externalBinding("ring", 4 * RING_ROWS * ringRow(metricCount), "read_write"),
      stateBinding("read_write"),
    ],
    workgroups: [1, 1, 1],
    shape: "1",
    flops: 0,
    bytes: 4 * ringRow(metricCount),
  };
}
