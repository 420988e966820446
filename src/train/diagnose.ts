import { type CompileOptions, compile, prepare } from "../compiler/compile.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import { record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import { collect, type Graph } from "../graph/graph.ts";
import { STATE_BYTES } from "../kernels/state.ts";
import type { Node } from "../node/node.ts";
import { LARGEST_HALF } from "../ops/half.ts";
import type { Dispatch } from "../plan/plan.ts";
import type { ArenaLayout } from "../runtime/arena.ts";
import { createProgram, type Program } from "../runtime/program.ts";
import { picksFor, type SplitLayout } from "./data.ts";
import { leafPlaces, type ObjectiveGraph } from "./objective.ts";

type Places = Pick<CompileOptions, "profile" | "leaves" | "schedules">;

/** All that is needed to run a step's graphs again. */
interface BadStep {
  readonly graphs: readonly ObjectiveGraph[];
  readonly layout: ArenaLayout;
  /** Names, as the state has them. */
  readonly schedules: readonly string[];
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
  /** The state that the step found. */
  readonly state: Uint8Array;
  readonly fields: Dataset["fields"];
  readonly split: SplitLayout;
  readonly batchSize: number;
  readonly precision: TrainingConfig["precision"];
}

/** The ReparamError "nonfinite" of a step, counted from 0, whose update was not done: it names the first bad value. */
export async function nonFiniteStep(device: Device, bad: BadStep, step: number): Promise<ReparamError> {
  const { graphs, layout, schedules, buffers, state, fields, split, batchSize, precision } = bad;
  const { profile } = device;
  const picks = picksFor(graphs, split, { fields, batchSize, shuffle: true, profile });
  const computed = graphs.map(({ graph }) => (precision === "f16" ? prepare(graph, { profile, precision }) : graph));
  const places = { profile, schedules, leaves: leafPlaces(layout) };
  const culprit = await firstBadNode(device, computed, places, buffers, picks, state);
  const withStatistics = layout.bytes > layout.trainedBytes;
  const watched = withStatistics ? "The loss, its gradient or a running statistic" : "The loss or its gradient";
  return new ReparamError(
    "nonfinite",
    `${watched} was not finite at step ${step + 1}${culprit ? `; the first bad value was ${culprit}` : ""}. ` +
      "The weights are those before that step; a smaller learningRate or a clipNorm may help" +
      (precision === "f16" ? `, or precision f32: 16-bit floats end at ${LARGEST_HALF}.` : "."),
  );
}

/**
 * Runs the graphs of a bad step again without fusion, every node a kernel and a buffer of its own, and describes the
 * first node whose value is not finite: `exp [128, 20], node 31, of slice [128, 20]`. Undefined where all are finite this
 * time, or where that takes more memory than there is: the run's own error is told in either case.
 * `picks` fill the batch; `state` is the state of the bad step.
 */
async function firstBadNode(
  device: Device,
  graphs: readonly Graph[],
  places: Places,
  buffers: Readonly<Record<string, GPUBuffer>>,
  picks: readonly Dispatch[],
  state: Uint8Array,
): Promise<string | undefined> {
  // What the GPU refuses here must not be found by whoever uses the device next.
  device.gpu.pushErrorScope("out-of-memory");
  device.gpu.pushErrorScope("validation");
  try {
    for (const graph of graphs) {
      const found = await badNodeOf(device, graph, places, buffers, picks, state);
      if (found) return found;
    }
  } catch {
  } finally {
    await device.gpu.popErrorScope().catch(() => {});
    await device.gpu.popErrorScope().catch(() => {});
  }
  return undefined;
}

async function badNodeOf(
  device: Device,
  graph: Graph,
  places: Places,
  buffers: Readonly<Record<string, GPUBuffer>>,
  picks: readonly Dispatch[],
  state: Uint8Array,
): Promise<string | undefined> {
  const watched = graph.nodes.filter(({ op }) => op.lowering.kind !== "constant" && op.lowering.kind !== "schedule");
  const name = (node: Node) => String(graph.nodes.indexOf(node));
  const all = collect(Object.fromEntries(watched.map((node) => [name(node), node])));
  const plan = compile(all, { ...places, fuse: false });
  const stateBuffer = storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM);
  upload(device, stateBuffer, state);
  let program: Program | undefined;
  try {
    program = await createProgram(
      device,
      { ...plan, dispatches: [...picks, ...plan.dispatches] },
      { buffers: { ...buffers, state: stateBuffer } },
    );
    const encoder = device.gpu.createCommandEncoder();
    record(encoder, program.encode);
    device.gpu.queue.submit([encoder.finish()]);
    for (const node of watched) {
      const values = await program.read(name(node));
      if (values.every(Number.isFinite)) continue;
      const of = node.inputs.map(describe).join(" and ");
      return `${describe(node)}, node ${name(node)} of the step's graph${of && `, computed from ${of}`}`;
    }
    return undefined;
  } finally {
    program?.dispose();
    stateBuffer.destroy();
  }
}

const describe = ({ op, name, shape }: Node): string => `${op.name}${name ? ` "${name}"` : ""} [${shape.join(", ")}]`;
