import { ReparamError } from "../errors.ts";
import { fromHalves, toHalves } from "../formats/half.ts";
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
    if (type === "f16" && count % 2 === 1) {
      throw new ReparamError(
        "usage",
        `${name}: the buffer ${buffer} has ${count} 16-bit floats: make them an even number.`,
      );
    }
    return [buffer, { type, count }];
  });
  return { spec, reflected: await reflectKernel(spec, new Map(bound)) };
}

const arrays = { f32: Float32Array, f16: Float32Array, i32: Int32Array, u32: Uint32Array } as const;

/** What a buffer holds at first. `salt` keeps random buffers apart. */
export function contentsOf({ type, shape, fill }: BufferSpec, salt: number): BufferArray {
  const count = typeof shape === "number" ? shape : shape.reduce((product, extent) => product * extent, 1);
  const values = new arrays[type](count);
  if (fill === "zeros") return values;
  const isFloat = type === "f32" || type === "f16";
  if (fill === "random" && isFloat) values.set(randomFloats(count, salt));
  else {
    for (let i = 0; i < count; i++) {
      values[i] = fill === "random" ? randomWord(i, salt) : fill === "iota" ? i : fill[i];
    }
  }
  return type === "f16" ? fromHalves(toHalves(values)) : values;
}

/** A buffer's numbers as they lie in memory. */
export const storedAs = (type: ScalarType, values: BufferArray): BufferArray | Uint16Array =>
  type === "f16" ? toHalves(values) : values;

/** The numbers of what came back from the GPU. */
export const valuesOf = (type: ScalarType, bytes: ArrayBuffer): BufferArray =>
  type === "f16" ? fromHalves(new Uint16Array(bytes)) : new arrays[type](bytes);
