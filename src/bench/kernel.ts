import { ReparamError } from "../errors.ts";
import type { BoundBuffer, ReflectedKernel } from "./binding.ts";
import { randomFloats, randomWord } from "./data.ts";
import { reflectKernel } from "./reflect.ts";

/** Scalars of a buffer; vectors, matrices and structs in WGSL are made of these. */
export type ScalarType = "f32" | "i32" | "u32";

export type BufferArray = Float32Array | Int32Array | Uint32Array;

/** A buffer as a kernel finds it before every check; timing goes on with what the launches before it left. */
export interface BufferSpec {
  readonly type: ScalarType;
  /** Scalars, or the extents whose product that is. */
  readonly shape: number | readonly number[];
  /**
   * zeros; random: uniform in [−1, 1) for f32, any word for integers; iota: 0, 1, 2 …; or the numbers themselves.
   * The same numbers at every run.
   */
  readonly fill: "zeros" | "random" | "iota" | ArrayLike<number>;
}

/** A compute kernel to be benchmarked. */
export interface KernelSpec {
  readonly name: string;
  /** WGSL. */
  readonly code: string;
  /** The entry point; `main` by default. */
  readonly entryPoint?: string;
  /** Values of the `override` constants. */
  readonly constants?: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  /** One for each `@binding`, by the name of its variable. */
  readonly buffers: Readonly<Record<string, BufferSpec>>;
  /** What a launch computes and moves; bytes are by default those of all buffers. */
  readonly flops?: number;
  readonly bytes?: number;
  /** What some of the buffers hold after one launch, computed in float64 from what they held before. */
  readonly reference?: (buffers: Readonly<Record<string, BufferArray>>) => Readonly<Record<string, ArrayLike<number>>>;
  /** The largest |value − exact| / max(|exact|, rms) that counts as right; 1e-4 by default. */
  readonly tolerance?: number;
}

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
