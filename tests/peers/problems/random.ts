/** mulberry32: uniform numbers in [0, 1), the same in every page. */
export function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** f32 from U(±bound). */
export function uniformArray(size: number, bound: number, uniform: () => number): Float32Array {
  return Float32Array.from({ length: size }, () => (2 * uniform() - 1) * bound);
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
