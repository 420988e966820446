/**
 * Numbers that look random and are the same everywhere: element i is a hash of i and a salt, uniform in [low, high).
 * The finaliser of MurmurHash3.
 */
export function randomFloats(count: number, salt: number, low = -1, high = 1): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = low + (high - low) * (randomWord(i, salt) / 2 ** 32);
  return values;
}

export function randomBytes(count: number, salt: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = randomWord(i, salt);
  return bytes;
}

export function randomWord(i: number, salt: number): number {
  let h = (Math.imul(i, 0x9e3779b9) + Math.imul(salt + 1, 0x85ebca77)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
