import { compile } from "../compiler/compile.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import { type Encode, record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import { withOwner } from "../gpu/owner.ts";
import type { Pipelines } from "../gpu/pipelines.ts";
import { collect, type Graph } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { encodeState, STATE_BYTES } from "../kernels/state.ts";
import { type Node, sizeOf } from "../node/node.ts";
import type { Plan } from "../plan/plan.ts";
import { createProgram } from "../runtime/program.ts";
import type { Patience } from "../timing/patience.ts";
import { maxRelativeError } from "../timing/statistics.ts";
import { randomFloats } from "./data.ts";
import type { KernelResult, Work } from "./report.ts";

/** What a case's preparation may use. */
export interface Bench {
  readonly device: Device;
  readonly pipelines: Pipelines;
  readonly patience: Patience;
}

/** What was found out about a kernel before it is timed. */
export interface Verdict {
  readonly maxRelativeError: number | null;
  /** The largest error that is taken for rounding, where there is a reference. */
  readonly tolerance?: number;
  /** What is wrong with it: it will not be timed. */
  readonly problem?: string;
  readonly notes: readonly string[];
}

/** A kernel on the device, run once and judged. */
export interface Prepared {
  /** One part a launch. */
  readonly parts: readonly Work[];
  readonly verdict: Verdict;
  readonly encode: Encode;
  dispose(): void;
}

/** One line of the benchmark. */
export interface BenchCase extends Pick<KernelResult, "kernel" | "variant" | "shape"> {
  prepare(bench: Bench): Promise<Prepared>;
}

/** Noise is drawn, and examples are shuffled, under this seed, at step 0. */
export const SEED = [7, 0] as const;

/** Our own kernels are f32: an error above this is no rounding. */
const TOLERANCE = 1e-5;

/** The verdict on the largest error of a kernel of ours. */
export const verdictOf = (error: number, tolerance = TOLERANCE): Verdict => ({
  maxRelativeError: Number.isFinite(error) ? error : null,
  tolerance,
  problem: errorProblem(error, tolerance),
  notes: [],
});

export function errorProblem(maxRelativeError: number, tolerance: number): string | undefined {
  if (maxRelativeError <= tolerance) return undefined;
  const error = Number.isFinite(maxRelativeError)
    ? `differs by ${maxRelativeError.toExponential(1)}`
    : "has NaN or infinity";
  return `Its result ${error} where the float64 reference allows ${tolerance.toExponential(0)}.`;
}

export interface PlanCase extends Pick<KernelResult, "kernel" | "variant" | "shape"> {
  /** Made for the device, since variants depend on it. */
  readonly plan: (device: Device) => Plan;
  /** The external buffers by name: their contents, or how many bytes of zeros. `state` is there by itself. */
  readonly buffers: () => Readonly<Record<string, ArrayBufferView | number>>;
  /** The outputs of the plan after one run, by name, in float64. */
  readonly expected: () => Readonly<Record<string, ArrayLike<number>>>;
  /** The largest error that is taken for rounding; 1e-5 by default. */
  readonly tolerance?: number;
  /** The state that the kernels find. */
  readonly state?: Partial<Parameters<typeof encodeState>[0]>;
}

/** One of our own kernels: a plan, its data, and what has to come out. */
export function planCase({ kernel, variant, shape, ...made }: PlanCase): BenchCase {
  return {
    kernel,
    variant,
    shape,
    prepare: ({ device, pipelines, patience }) =>
      withOwner(async ({ own, dispose }) => {
        const plan = made.plan(device);
        const state = encodeState({ seed: SEED, step: 0, ...made.state });
        const contents = { ...made.buffers(), state };
        const buffers = Object.fromEntries(
          Object.entries(contents).map(([name, content]) => {
            const bytes = typeof content === "number" ? content : Math.max(content.byteLength, STATE_BYTES);
            const buffer = own(
              storageBuffer(device, bytes, `${kernel} ${name}`, name === "state" ? GPUBufferUsage.UNIFORM : 0),
            );
            if (typeof content !== "number") upload(device, buffer, content);
            return [name, buffer];
          }),
        );
        const program = own(await createProgram(device, plan, { pipelines, buffers }));
        await patience.run((encoder) => record(encoder, program.encode));
        const expected = made.expected();
        let worst = 0;
        for (const name of Object.keys(plan.outputs)) {
          worst = Math.max(worst, maxRelativeError(await program.read(name), expected[name]));
        }
        return {
          parts: plan.dispatches,
          verdict: verdictOf(worst, made.tolerance),
          encode: program.encode,
          dispose,
        };
      }),
  };
}

interface GraphCase extends Pick<KernelResult, "kernel" | "variant" | "shape"> {
  readonly outputs: Readonly<Record<string, Node>>;
  readonly feeds: () => Readonly<Record<string, Float32Array>>;
}

/** Numbers for all that a graph is given. */
export const randomFeeds = ({ nodes }: Graph): Record<string, Float32Array> =>
  Object.fromEntries(
    nodes
      .filter(({ op }) => op.lowering.kind === "leaf")
      .map(({ name, shape }, k) => [name!, randomFloats(sizeOf(shape), k + 1)]),
  );

/** A case that is a graph: the compiler chooses its kernels, and the interpreter says what has to come out. */
export function graphCase({ outputs, feeds, ...named }: GraphCase): BenchCase {
  const graph = collect(outputs);
  let fed: Readonly<Record<string, Float32Array>> | undefined;
  const once = () => (fed ??= feeds());
  return planCase({
    ...named,
    plan: ({ profile }) =>
      compile(graph, { profile, leaves: ({ name }) => ({ buffer: { external: name! }, offset: 0 }) }),
    buffers: once,
    expected: () => interpret(graph, { feeds: once(), seed: SEED, step: 0 }),
  });
}
