import type { Split } from "../data/dataset.ts";

/** WebCrypto copies what it digests: in pieces, so that large data need no second copy of their size. */
const PIECE_BYTES = 2 ** 26;

/**
 * What tells the training examples of a run from others: SHA-256, in hexadecimal, over the SHA-256 of each piece of 64 MiB
 * of the named fields' stored numbers, in the order of the names. Undefined where there is no WebCrypto.
 */
export async function dataDigest({ values }: Split, fields: readonly string[]): Promise<string | undefined> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return undefined;
  const pieces: Uint8Array[] = [];
  for (const name of fields.toSorted()) {
    const { buffer, byteOffset, byteLength } = values[name];
    for (let at = 0; at < byteLength; at += PIECE_BYTES) {
      const piece = new Uint8Array(buffer as ArrayBuffer, byteOffset + at, Math.min(PIECE_BYTES, byteLength - at));
      pieces.push(new Uint8Array(await subtle.digest("SHA-256", piece)));
    }
  }
  const all = new Uint8Array(32 * pieces.length);
  pieces.forEach((piece, k) => {
    all.set(piece, 32 * k);
  });
  return Array.from(new Uint8Array(await subtle.digest("SHA-256", all)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
