/** Scalars of a buffer; vectors, matrices and structs in WGSL are made of these. */
export type ScalarType = "f32" | "f16" | "i32" | "u32";

/** The numbers of a buffer; those of 16-bit floats are f32 of the same value. */
export type BufferArray = Float32Array | Int32Array | Uint32Array;

/** A buffer as a kernel finds it before every check; timing goes on with what the launches before it left. */
export interface BufferSpec {
  readonly type: ScalarType;
  /** Scalars, or the extents whose product that is; of f16 an even number, since buffers are made of words. */
  readonly shape: number | readonly number[];
  /**
   * zeros; random: uniform in [−1, 1) for floats, any word for integers; iota: 0, 1, 2 …; or the numbers themselves.
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
  /** The largest |value − exact| / max(|exact|, rms) that counts as right; 1e-4 by default, 1e-3 where 16-bit floats are compared. */
  readonly tolerance?: number;
}
