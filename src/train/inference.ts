import { compile } from "../compiler/compile.ts";
import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import type { createPipelineCache } from "../gpu/pipelines.ts";
import { collect } from "../graph/graph.ts";
import { encodeState, STATE_BYTES } from "../kernels/state.ts";
import type { Model } from "../models/model.ts";
import { type Node, sizeOf } from "../node/node.ts";
import { input } from "../ops/leaf.ts";
import { normal } from "../ops/noise.ts";
import type { ArenaLayout } from "../runtime/arena.ts";
import { createProgram, type Program } from "../runtime/program.ts";
import { leafPlaces } from "./objective.ts";

/** What a trained model is for. Examples are f32 in 0..1, row-major [count, ...shape]. */
export interface Inference {
  /** Decodes `count` codes drawn from the standard normal prior: [count, ...shape]. */
  sample(count: number, seed: number): Promise<Float32Array>;
  /** The code of each example, without noise: [count, latent]. */
  encode(examples: Float32Array): Promise<Float32Array>;
  /** The example that each code stands for: [count, ...shape]. */
  decode(codes: Float32Array): Promise<Float32Array>;
  /** Each example encoded and decoded: [count, ...shape]. */
  reconstruct(examples: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

/** A function of the model, compiled when it is first used. */
interface Compiled {
  readonly program: Program;
  readonly input: GPUBuffer;
  readonly state: GPUBuffer;
}

export interface InferenceContext {
  readonly layout: ArenaLayout;
  /** The arena of the weights. */
  readonly parameters: GPUBuffer;
  readonly pipelines: ReturnType<typeof createPipelineCache>;
  /**
   * Rows that one run of an inference program takes; more rows are several runs. With the batch size of training, most
   * kernels are those of the training step and need not be compiled again. Samples of a seed depend on it.
   */
  readonly rows: number;
}

export function createInference(device: Device, model: Model, context: InferenceContext): Inference {
  const { rows: maxRows } = context;
  const features = sizeOf(model.input);
  const compiled = new Map<string, Promise<Compiled>>();
  const x = input("x", [maxRows, features]);
  const z = input("x", [maxRows, model.latent]);
  const functions = {
    sample: () => model.decode(normal("sampled codes", [maxRows, model.latent])),
    encode: () => model.encode(x),
    decode: () => model.decode(z),
    reconstruct: () => model.decode(model.encode(x)),
  };

  const get = (name: keyof typeof functions): Promise<Compiled> => {
    let entry = compiled.get(name);
    if (!entry) {
      entry = build(functions[name]());
      compiled.set(name, entry);
    }
    return entry;
  };

  async function build(y: Node): Promise<Compiled> {
    const plan = compile(collect({ y }), {
      profile: device.profile,
      leaves: leafPlaces(context.layout),
    });
    const buffers = {
      x: storageBuffer(device, 4 * maxRows * Math.max(features, model.latent), "inference input"),
      state: storageBuffer(device, STATE_BYTES, "inference state", GPUBufferUsage.UNIFORM),
      parameters: context.parameters,
    };
    const program = await createProgram(device, plan, { pipelines: context.pipelines, buffers });
    return { program, input: buffers.x, state: buffers.state };
  }

  /** Runs a function over all rows, `maxRows` at a time. */
  async function apply(
    name: keyof typeof functions,
    count: number,
    width: number,
    rows?: Float32Array,
    seed = 0,
  ): Promise<Float32Array> {
    const { program, input: inputBuffer, state } = await get(name);
    const [, outputWidth] = program.plan.outputs.y.shape;
    const result = new Float32Array(count * outputWidth);
    for (let start = 0; start < count; start += maxRows) {
      const taken = Math.min(maxRows, count - start);
      if (rows) upload(device, inputBuffer, rows.subarray(start * width, (start + taken) * width));
      upload(device, state, encodeState({ seed: [seed, 0], step: start / maxRows }));
      const encoder = device.gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      program.encode(pass);
      pass.end();
      device.gpu.queue.submit([encoder.finish()]);
      const part = await program.read("y");
      result.set(part.subarray(0, taken * outputWidth), start * outputWidth);
    }
    device.check();
    return result;
  }

  const applyTo = async (name: keyof typeof functions, width: number, rows: Float32Array) => {
    if (rows.length % width === 0) return apply(name, rows.length / width, width, rows);
    throw new ReparamError("data", `${name}: ${rows.length} numbers are not rows of ${width}.`);
  };

  return {
    sample: (count, seed) => apply("sample", count, 0, undefined, seed),
    encode: (examples) => applyTo("encode", features, examples),
    decode: (codes) => applyTo("decode", model.latent, codes),
    reconstruct: (examples) => applyTo("reconstruct", features, examples),
    dispose: () => {
      const free = ({ program, input: inputBuffer, state }: Compiled) => {
        program.dispose();
        inputBuffer.destroy();
        state.destroy();
      };
      // Where compiling failed there is nothing to free, and the caller has the error.
      for (const entry of compiled.values()) entry.then(free, () => {});
    },
  };
}
