/**
 * How an op is computed by a shader of its own. Bindings are the op's inputs in their order, all in memory, then the
 * result.
 */
export interface Launch {
  /** The folder and file in `shaders/`. */
  readonly kernel: string;
  readonly code: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  /** The problem's shape, for people. */
  readonly shape: string;
  readonly flops: number;
  /** Where not every operand moves once. */
  readonly bytes?: number;
  /** The kernel writes so many results one after another, which a second dispatch adds up in their order. Default 1. */
  readonly slices?: number;
}
