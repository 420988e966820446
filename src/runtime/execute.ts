import { compile, type Precision } from "../compiler/compile.ts";
import { tensorBytes } from "../compiler/memory.ts";
import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import { record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import type { Graph } from "../graph/graph.ts";
import { encodeState, STATE_BYTES } from "../kernels/state.ts";
import { type Node, sizeOf } from "../node/node.ts";
import { createProgram } from "./program.ts";

export interface ExecuteOptions {
  /** Values of parameters, inputs and schedules, by name. */
  readonly feeds?: Readonly<Record<string, ArrayLike<number>>>;
  readonly seed?: readonly [number, number];
  readonly step?: number;
  /** false: one kernel an op. */
  readonly fuse?: boolean;
  readonly precision?: Precision;
}

/**
 * Runs any graph once on the GPU and returns its outputs by name: the GPU's answer to `interpret`. Everything is made
 * and freed within the call; what runs often is a `Program`.
 */
export async function execute(
  device: Device,
  graph: Graph,
  options: ExecuteOptions = {},
): Promise<Record<string, Float32Array>> {
  const { feeds = {}, seed = [0, 0], step = 0, fuse = true, precision } = options;
  const buffers: Record<string, GPUBuffer> = {};
  const feedOf = (name: string): ArrayLike<number> => {
    if (!Object.hasOwn(feeds, name)) throw new ReparamError("config", `No value was given for "${name}".`);
    return feeds[name];
  };
  const schedules = [...new Set(graph.nodes.filter(({ op }) => op.name === "schedule").map(({ name }) => name!))];
  try {
    for (const node of graph.nodes) {
      if (node.op.lowering.kind !== "leaf" || buffers[externalName(node)]) continue;
      const data = Float32Array.from(feedOf(node.name!));
      if (data.length !== sizeOf(node.shape)) {
        throw new ReparamError(
          "config",
          `"${node.name}" was fed ${data.length} numbers for the shape [${node.shape}].`,
        );
      }
      const buffer = storageBuffer(device, tensorBytes(node), node.name!);
      buffers[externalName(node)] = buffer;
      upload(device, buffer, data);
    }
    const plan = compile(graph, {
      profile: device.profile,
      leaves: (node) => ({ buffer: { external: externalName(node) }, offset: 0 }),
      schedules,
      fuse,
      precision,
    });
    buffers.state = storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM);
    upload(device, buffers.state, encodeState({ seed, step, schedules: schedules.map((name) => feedOf(name)[0]) }));
    const program = await createProgram(device, plan, { buffers });
    try {
      const encoder = device.gpu.createCommandEncoder();
      record(encoder, program.encode);
      device.gpu.queue.submit([encoder.finish()]);
      const results: Record<string, Float32Array> = {};
      for (const name of Object.keys(graph.outputs)) results[name] = await program.read(name);
      device.check();
      return results;
    } finally {
      program.dispose();
    }
  } finally {
    for (const buffer of Object.values(buffers)) buffer.destroy();
  }
}

/** Beside the state buffer, which is called "state", and whatever names a graph's leaves have. */
const externalName = ({ op, name }: Node): string => `${op.name} ${name}`;
