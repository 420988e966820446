import fc from "fast-check";
import { type Node, sizeOf } from "../../src/node/node.ts";

/** Reproducible numbers for tests: the same seed gives the same ones on every machine. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // mulberry32, public domain (Tommy Ettinger)
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** f32 values for every leaf of a graph, uniform in [low, high). */
export function randomFeeds(
  nodes: readonly Node[],
  seed: number,
  [low, high]: readonly [number, number] = [-1, 1],
): Record<string, Float32Array> {
  const next = randomNumbers(seed);
  const leaves = nodes.filter(({ op }) => op.lowering.kind === "leaf" || op.lowering.kind === "schedule");
  return Object.fromEntries(
    leaves.map(({ name, shape }) => [
      name!,
      Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()),
    ]),
  );
}

/** fast-check with a seed that makes a failure repeatable. */
export const check = <T>(property: fc.IProperty<T> | fc.IAsyncProperty<T>, numRuns: number) =>
  fc.assert(property as fc.IAsyncProperty<T>, { seed: 20_240_607, numRuns });

/** The largest |got − want|, NaN counting as infinite; equal infinities differ by 0. */
export function largestError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    const error = got[i] === want[i] ? 0 : Math.abs(got[i] - want[i]);
    if (!(error <= worst)) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return worst;
}

export function largest(values: ArrayLike<number>): number {
  let result = 0;
  for (let i = 0; i < values.length; i++) result = Math.max(result, Math.abs(values[i]));
  return result;
}

/** `largestError` over the largest wanted value, or over 1 where all are smaller. */
export const relativeError = (got: ArrayLike<number>, want: ArrayLike<number>): number =>
  largestError(got, want) / Math.max(1, largest(want));
