import { ReparamError } from "../errors.ts";
import { columnsOf, type RowsOption } from "../metrics/rows.ts";

/**
 * Codes as bits, eight in a byte: 1 for a number above ½. The first number is the highest bit of its byte, as NumPy's
 * `packbits` has it, and the last byte is filled with zeros.
 *
 * @param codes [rows, latent]
 * @returns [rows, ⌈latent / 8⌉]
 * @throws ReparamError "data" where these are no rows of equal length, or a code is not finite.
 */
export function packedBits(codes: ArrayLike<number>, { rows }: RowsOption): Uint8Array<ArrayBuffer> {
  const latent = columnsOf("packedBits: codes", codes, rows);
  const bytes = Math.ceil(latent / 8);
  const packed = new Uint8Array(rows * bytes);
  for (let at = 0; at < codes.length; at++) {
    const k = at % latent;
    if (codes[at] > 0.5) packed[Math.floor(at / latent) * bytes + (k >> 3)] |= 0x80 >> (k & 7);
  }
  return packed;
}

/**
 * The codes that bits stand for: zeros and ones.
 *
 * @param packed [rows, ⌈latent / 8⌉]
 * @returns [rows, latent]
 * @throws ReparamError "data" where these are not so many bytes.
 */
export function unpackedBits(
  packed: Uint8Array,
  { rows, latent }: RowsOption & { readonly latent: number },
): Float32Array<ArrayBuffer> {
  const bytes = Math.ceil(latent / 8);
  if (packed.length !== rows * bytes) {
    throw new ReparamError("data", `unpackedBits: ${packed.length} bytes are not ${rows} codes of ${latent} bits.`);
  }
  return Float32Array.from({ length: rows * latent }, (_, at) => {
    const k = at % latent;
    return (packed[Math.floor(at / latent) * bytes + (k >> 3)] >> (7 - (k & 7))) & 1;
  });
}
