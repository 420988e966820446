/** What the compiler has to know of a device to choose among kernels. Plain data, so that plans can be made anywhere. */
export interface DeviceProfile {
  /** A processor that emulates a GPU: few threads, no use for workgroup memory. */
  readonly software: boolean;
  /** Whether kernels may use subgroups: of at least four lanes, with quads of four consecutive invocations. */
  readonly subgroups: boolean;
  /** Whether eight consecutive invocations are in one subgroup, too. */
  readonly octets?: boolean;
  /** Whether kernels may read storage textures. */
  readonly textures?: boolean;
  /** Whether buffers may hold 16-bit floats (`shader-f16`). */
  readonly f16?: boolean;
  /** Threads that a reduction should be spread over, and the least number of steps that make a thread worth it. */
  readonly reductionThreads: number;
  readonly reductionSteps: number;
  /** What the adapter calls itself (`adapterKey`): there are shipped choices for some. */
  readonly adapter?: string;
  /** Choices of how products are computed, the first table first: pinned by a run, or measured on this adapter. */
  readonly choices?: readonly ChoiceTable[];
}

/** How far reductions are spread over threads: of a GPU, and of a processor that emulates one. */
export const REDUCTIONS = {
  hardware: { reductionThreads: 8192, reductionSteps: 8 },
  software: { reductionThreads: 64, reductionSteps: 256 },
} as const;

/** A GPU that nothing else is known of. */
export const SOME_GPU: DeviceProfile = { software: false, subgroups: true, ...REDUCTIONS.hardware };

/**
 * Whether loops are written so that no compiler can know, or bound, their number of turns (`ROLLED`). Mesa unrolls each that it can, so for
 * lavapipe a pad of 16 turns takes ten times as long to compile, and runs no faster. Firefox does not say what its software adapter is:
 * lavapipe, on Linux.
 */
export const keepsLoops = ({ software, adapter }: DeviceProfile): boolean =>
  software && adapter !== undefined && !/swiftshader/i.test(adapter);

/**
 * Whether products read their operands from storage textures. lavapipe reads a vec4f of a buffer lane by lane and number by number, each
 * with tests of its own, and a texel without: products take two thirds of the time, their copies included, and a third to a half to compile.
 * SwiftShader takes 1.3 to 1.6 times as long; on hardware nobody has measured it.
 */
export const prefersTextures = (profile: DeviceProfile): boolean => keepsLoops(profile) && profile.textures === true;

/** Choices (src/kernels/choice.ts) as text, by the name or by the class of a product. */
export interface ChoiceTable {
  readonly source: "pinned" | "tuned" | "candidate";
  readonly entries: Readonly<Record<string, string>>;
}
