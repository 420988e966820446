import type { Words2 } from "./philox.ts";

/** The finaliser of MurmurHash3: every input bit changes every output bit with probability near ½. */
function mixBits(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 16 bits of a keyed half. */
function feistelRound(half: number, key: number): number {
  const h = Math.imul(half ^ key, 0x85ebca6b);
  return Math.imul(h ^ (h >>> 15), 0xc2b2ae35) >>> 16;
}

/**
 * Element `index` of the shuffled order of [0, count) in an epoch, bit for bit what shaders/lib/feistel.wgsl computes (the
 * explanation stands there).
 *
 * @param index below count; taken as count − 1 otherwise
 * @param count 1 … 2³¹
 * @param seed the run's 64 bits
 */
export function permute(index: number, count: number, seed: Words2, epoch: number): number {
  const halfBits = (33 - Math.clz32(count - 1)) >>> 1;
  const mask = 2 ** halfBits - 1;
  const firstKey = mixBits(seed[0] ^ mixBits(epoch));
  const secondKey = mixBits(seed[1] + firstKey);

  let value = Math.min(index, count - 1);
  do {
    let left = value >>> halfBits;
    let right = value & mask;
    for (let round = 0; round < 8; round += 2) {
      const offset = Math.imul(round, 0x9e3779b9);
      left ^= feistelRound(right, firstKey + offset) & mask;
      right ^= feistelRound(left, secondKey + offset) & mask;
    }
    value = ((left << halfBits) | right) >>> 0;
  } while (value >= count);
  return value;
}
