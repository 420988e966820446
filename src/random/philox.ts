/** Four unsigned 32-bit words. */
export type Words4 = readonly [number, number, number, number];
/** Two unsigned 32-bit words, low word first. */
export type Words2 = readonly [number, number];

/** The high 32 bits of the product of two unsigned 32-bit integers. Products of one with half of the other are exact. */
export const multiplyHigh = (a: number, b: number): number =>
  Math.floor((a * (b >>> 16) + Math.floor((a * (b & 0xffff)) / 65536)) / 65536);

/**
 * Philox4x32-10, bit for bit what shaders/lib/philox.wgsl computes.
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *
 * @param counter (element block, stream, step low, step high): block i serves elements 4i … 4i + 3
 * @param key (seed low, seed high)
 */
export function philox4x32(counter: Words4, key: Words2): Words4 {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const first = c0;
    c0 = (multiplyHigh(0xcd9e8d57, c2) ^ c1 ^ k0) >>> 0;
    c1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c2 = (multiplyHigh(0xd2511f53, first) ^ c3 ^ k1) >>> 0;
    c3 = Math.imul(0xd2511f53, first) >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * A word as a number uniform in (0, 1), both ends excluded: its top 23 bits and a half, which is exact in f32. (With 24
 * bits the half no longer fits, and the top words would round to 1.)
 */
export const uniform = (bits: number): number => ((bits >>> 9) + 0.5) * 2 ** -23;

/** `uniform` of each of four words. */
export const uniform4 = (bits: Words4): [number, number, number, number] => [
  uniform(bits[0]),
  uniform(bits[1]),
  uniform(bits[2]),
  uniform(bits[3]),
];
