import { compile } from "../compiler/compile.ts";
import { type FieldValues, fieldSize, valuesOf } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import { record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import { type Owner, withOwner } from "../gpu/owner.ts";
import { collect } from "../graph/graph.ts";
import { encodeState, STATE_BYTES } from "../kernels/state.ts";
import type { Model } from "../models/model.ts";
import { sizeOf } from "../node/node.ts";
import { input } from "../ops/leaf.ts";
import type { ArenaLayout } from "../runtime/arena.ts";
import { createProgram, type Program } from "../runtime/program.ts";
import type { SlotPool } from "../runtime/slots.ts";
import { fieldBuffer, usePass } from "./batch.ts";
import { checkClasses } from "./data.ts";
import { leafPlaces } from "./objective.ts";
import { useNamed } from "./use-named.ts";

/** A trained model's uses, each compiled when it is first called. */
export interface Uses {
  /**
   * Runs a use on `count` rows. inputs: by name, stored numbers as the field says or f32 values, row-major
   * [count, ...shape]. → f32 values [count, ...to.shape]. `seed` selects the noise, and `index`, how many draws for the same
   * rows came before, another draw of it; `signal` ends it between batches.
   * Throws ReparamError "usage" for a use that the model does not have, "data" for inputs that do not fit.
   */
  run(
    name: string,
    count: number,
    inputs?: Readonly<Record<string, FieldValues>>,
    options?: { readonly seed?: number; readonly index?: number; readonly signal?: AbortSignal },
  ): Promise<Float32Array>;
  /**
   * As `run`, and leaves the values in a buffer of the same device, f32 [count, ...to.shape], whose usage has COPY_DST: nothing
   * comes back to the host. An input may be such a buffer, too. `behind` records what shall follow in the last submit.
   */
  into(
    target: GPUBuffer,
    name: string,
    count: number,
    inputs?: Readonly<Record<string, FieldValues | GPUBuffer>>,
    options?: { readonly seed?: number; readonly behind?: (encoder: GPUCommandEncoder) => void },
  ): Promise<void>;
  dispose(): void;
}

export interface UsesContext {
  readonly layout: ArenaLayout;
  /** The arena of the weights. */
  readonly parameters: GPUBuffer;
  readonly slots: SlotPool;
  /** What the model's schedules are by now. */
  readonly schedules: () => Readonly<Record<string, number>>;
  /**
   * Rows of one run; more rows are several runs. With the batch size of training, most kernels are those of the training
   * step and need not be compiled again. Samples of a seed depend on it.
   */
  readonly rows: number;
}

interface Compiled {
  readonly program: Program;
  readonly inputs: Readonly<Record<string, GPUBuffer>>;
  readonly state: GPUBuffer;
  dispose(): void;
}

export function createUses(device: Device, model: Model, context: UsesContext): Uses {
  const { rows: batch } = context;
  const compiled = new Map<string, Promise<Compiled>>();
  const scheduled = Object.keys(model.schedules);

  const get = (name: string): Promise<Compiled> => {
    let entry = compiled.get(name);
    if (!entry) {
      entry = withOwner((owner) => compileUse(device, model, context, name, owner));
      compiled.set(name, entry);
    }
    return entry;
  };

  /** Runs a use batch by batch; `end` records what becomes of a batch's values, and what it returns is done once they are there. */
  async function inBatches(
    name: string,
    count: number,
    given: Readonly<Record<string, FieldValues | GPUBuffer>>,
    { seed = 0, index = 0, signal }: { readonly seed?: number; readonly index?: number; readonly signal?: AbortSignal },
    end: (
      encoder: GPUCommandEncoder,
      program: Program,
      start: number,
      taken: number,
    ) => (() => Promise<void>) | undefined,
  ): Promise<void> {
    const parts = checkedInputs(name, useNamed(model, name), count, given);
    const { program, inputs, state } = await get(name);
    const first = index * Math.ceil(count / batch);
    const now = context.schedules();
    const schedules = scheduled.map((name) => now[name]);
    for (let start = 0; start < count; start += batch) {
      if (signal?.aborted) throw new ReparamError("aborted", `${name} was interrupted.`);
      const taken = Math.min(batch, count - start);
      const encoder = device.gpu.createCommandEncoder();
      for (const { key, field, size, values } of parts) {
        if ("length" in values) {
          upload(device, inputs[key], valuesOf(values.subarray(start * size, (start + taken) * size), field));
        } else encoder.copyBufferToBuffer(values, 4 * start * size, inputs[key], 0, 4 * taken * size);
      }
      upload(device, state, encodeState({ seed: [seed, 0], step: first + start / batch, schedules }));
      record(encoder, program.encode);
      const ended = end(encoder, program, start, taken);
      device.gpu.queue.submit([encoder.finish()]);
      await ended?.();
    }
    device.check();
  }

  return {
    run: async (name, count, given = {}, options = {}) => {
      const width = fieldSize(useNamed(model, name).to);
      const result = new Float32Array(count * width);
      await inBatches(name, count, given, options, (encoder, program, start, taken) => {
        const reading = program.encodeRead(encoder, "y");
        return async () => result.set((await reading()).subarray(0, taken * width), start * width);
      });
      return result;
    },
    into: async (target, name, count, given = {}, { seed, behind } = {}) => {
      const width = fieldSize(useNamed(model, name).to);
      if (target.size < 4 * count * width) {
        throw new ReparamError(
          "data",
          `${name} gives ${4 * count * width} bytes for ${count} rows, and the buffer has ${target.size}.`,
        );
      }
      await inBatches(name, count, given, { seed }, (encoder, program, start, taken) => {
        program.encodeCopy(encoder, "y", target, start * width, taken * width);
        if (start + taken === count) behind?.(encoder);
        return undefined;
      });
    },
    dispose: () => {
      // Where compiling failed there is nothing to free, and the caller has the error.
      for (const entry of compiled.values())
        entry.then(
          ({ dispose }) => dispose(),
          () => {},
        );
    },
  };
}

/** Compiles a use for batches of so many rows; `own` holds what it needs on the GPU. */
async function compileUse(
  device: Device,
  model: Model,
  { rows, layout, slots, parameters }: UsesContext,
  name: string,
  { own, dispose }: Owner,
): Promise<Compiled> {
  const { from, to, apply } = model.uses[name];
  const nodes = Object.entries(from).map(
    ([key, { shape }]) => [key, input(fieldBuffer(key), [rows, ...shape])] as const,
  );
  const y = apply(Object.fromEntries(nodes), usePass(rows));
  if (sizeOf(y.shape) !== rows * fieldSize(to)) {
    throw new ReparamError(
      "config",
      `The use "${name}" gives [${y.shape}] for ${rows} rows, and says that each is [${to.shape}].`,
    );
  }
  const plan = compile(collect({ y }), {
    profile: device.profile,
    leaves: leafPlaces(layout),
    schedules: Object.keys(model.schedules),
  });
  const state = own(storageBuffer(device, STATE_BYTES, `${name} state`, GPUBufferUsage.UNIFORM));
  const inputs = Object.fromEntries(
    Object.entries(from).map(([key, field]) => [
      key,
      own(storageBuffer(device, 4 * rows * fieldSize(field), `${name} ${key}`)),
    ]),
  );
  const fed = Object.fromEntries(Object.entries(inputs).map(([key, buffer]) => [fieldBuffer(key), buffer]));
  const program = own(await createProgram(device, plan, { slots, buffers: { ...fed, state, parameters } }));
  return { program, inputs, state, dispose };
}

/** What a use is given, field by field. Throws ReparamError "data" for what are not so many rows of a field. */
function checkedInputs(
  name: string,
  { from }: Model["uses"][string],
  count: number,
  given: Readonly<Record<string, FieldValues | GPUBuffer>>,
) {
  return Object.entries(from).map(([key, field]) => {
    const size = fieldSize(field);
    const values = Object.hasOwn(given, key) ? given[key] : undefined;
    if (values && "length" in values && values.length === count * size) {
      checkClasses(`${name}: ${key}`, values, field);
      return { key, field, size, values };
    }
    // A buffer may be longer: what it holds is rounded up.
    if (values && !("length" in values) && values.size >= 4 * count * size) return { key, field, size, values };
    const length = values && ("length" in values ? values.length : Math.floor(values.size / 4));
    const found = length === undefined ? "nothing" : `${length} numbers`;
    throw new ReparamError("data", `${name} takes ${count} x [${field.shape}] of ${key}, and was given ${found}.`);
  });
}
