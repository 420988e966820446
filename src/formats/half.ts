// IEEE 754 binary16: a sign, five bits of exponent, ten of fraction.

/** What a magnitude below 65,520 is nearest to among 16-bit floats, ties to even: steps · 2^(exponent − 10). */
export function nearestHalf(magnitude: number): { readonly steps: number; readonly exponent: number } {
  // The spacing of 11 significant bits, and below 2⁻¹⁴ that of subnormals.
  let exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  if (2 ** (exponent + 1) <= magnitude) exponent++;
  const steps = magnitude / 2 ** (exponent - 10);
  const below = Math.floor(steps);
  const up = steps - below > 0.5 || (steps - below === 0.5 && below % 2 === 1);
  return { steps: below + Number(up), exponent };
}

/** The bits of the nearest 16-bit floats; infinite from 65,520 on. */
export function toHalves(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(values, (value) => {
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    const magnitude = Math.abs(value);
    if (Number.isNaN(value)) return 0x7e00;
    if (magnitude >= 65_520) return sign | 0x7c00;
    const { steps, exponent } = nearestHalf(magnitude);
    // The leading one of a normal number counts the exponent up from its least.
    return sign | ((exponent + 14) * 1024 + steps);
  });
}

/** The values of 16-bit floats, exactly. */
export function fromHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  // A loop: `Float32Array.from` with a function takes some ten times as long.
  const values = new Float32Array(halves.length);
  for (let k = 0; k < halves.length; k++) values[k] = fromHalf(halves[k]);
  return values;
}

function fromHalf(bits: number): number {
  const exponent = (bits >>> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}

/** bfloat16: the upper half of an f32. */
export const fromBrainFloats = (words: Uint16Array): Float32Array<ArrayBuffer> =>
  new Float32Array(Uint32Array.from(words, (bits) => bits << 16).buffer);
