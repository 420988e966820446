import { ReparamError } from "../errors.ts";
import type { BoundBuffer, ReflectedKernel } from "./binding.ts";
import { randomFloats, randomWord } from "./data.ts";
import type { BufferArray, BufferSpec, KernelSpec, ScalarType } from "./kernel-spec.ts";
import { reflectKernel } from "./reflect.ts";

export type { BufferArray, BufferSpec, KernelSpec, ScalarType } from "./kernel-spec.ts";

/** A kernel whose text and buffers fit each other. */
export interface Kernel {
  readonly spec: KernelSpec;
  readonly reflected: ReflectedKernel;
}

const NAME = /^[^\s].{0,99}$/;

/**
 * Reads a kernel's text and checks that constants, buffers and bindings fit it.
 * Throws ReparamError "usage" that names the mistake: a binding without a buffer, a buffer without a binding, a size or
 * type that does not fit, a type that no buffer can hold, an unknown constant, a missing entry point.
 */
export async function defineKernel(spec: KernelSpec): Promise<Kernel> {
  const { name, workgroups, buffers } = spec;
  if (!NAME.test(name)) throw new ReparamError("usage", `A kernel cannot have the name ${JSON.stringify(name)}.`);
  const whole = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;
  if (workgroups.length !== 3 || !workgroups.every(whole)) {
    throw new ReparamError("usage", `${name}: workgroups are three whole numbers above 0, not [${workgroups}].`);
  }
  const bound = Object.entries(buffers).map(([buffer, { type, shape, fill }]): [string, BoundBuffer] => {
    const extents = typeof shape === "number" ? [shape] : shape;
    if (extents.length === 0 || !extents.every(whole)) {
      throw new ReparamError("usage", `${name}: the buffer ${buffer} cannot have the shape [${extents}].`);
    }
    const count = extents.reduce((product, extent) => product * extent, 1);
    if (typeof fill !== "string" && fill.length !== count) {
      const sizes = `${fill.length} numbers for the ${count} of its shape [${extents}]`;
      throw new ReparamError("usage", `${name}: the buffer ${buffer} was given ${sizes}.`);
    }
    return [buffer, { type, count }];
  });
  return { spec, reflected: await reflectKernel(spec, new Map(bound)) };
}

const arrays = { f32: Float32Array, i32: Int32Array, u32: Uint32Array } as const;

/** What a buffer holds at first. `salt` keeps random buffers apart. */
export function contentsOf({ type, shape, fill }: BufferSpec, salt: number): BufferArray {
  const count = typeof shape === "number" ? shape : shape.reduce((product, extent) => product * extent, 1);
  if (fill === "random" && type === "f32") return randomFloats(count, salt);
  const values = new arrays[type](count);
  if (fill === "zeros") return values;
  for (let i = 0; i < count; i++) {
    values[i] = fill === "random" ? randomWord(i, salt) : fill === "iota" ? i : fill[i];
  }
  return values;
}

/** The same bytes as another type of array: what came back from the GPU. */
export const viewAs = (type: ScalarType, bytes: ArrayBuffer): BufferArray => new arrays[type](bytes);
