import { type CompileOptions, compile } from "../compiler/compile.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { collect, type Graph } from "../graph/graph.ts";
import { STATE_BYTES } from "../kernels/state.ts";
import type { Node } from "../node/node.ts";
import type { Dispatch } from "../plan/plan.ts";
import { createProgram, type Program } from "../runtime/program.ts";

type Places = Pick<CompileOptions, "profile" | "leaves" | "schedules">;

/**
 * Runs the graphs of a bad step again without fusion, every node a kernel and a buffer of its own, and describes the
 * first node whose value is not finite: `exp [128, 20], node 31, of slice [128, 20]`. Undefined where all are finite this
 * time, or where that takes more memory than there is: the run's own error is told in either case.
 * `picks` fill the batch; `state` is the state of the bad step.
 */
export async function firstBadNode(
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
    const pass = encoder.beginComputePass();
    program.encode(pass);
    pass.end();
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
