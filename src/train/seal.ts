import { ReparamError } from "../errors.ts";
import { crc32 } from "../formats/crc32.ts";
import { encodeSafetensors, type SafetensorsTensor } from "../formats/safetensors.ts";

/**
 * The checksum that a checkpoint carries in its metadata: CRC-32 of the whole file, in eight hexadecimal digits that
 * stand for zeros while it is computed. It finds what the lengths in a file's header do not: a block of zeros, a
 * flipped bit.
 */

const UNSEALED = { checksum: "00000000" } as const;

const KEY = '"checksum":"';

/** A safetensors file with its checksum; one that the metadata have is that of another file, and goes. */
export function encodeSealed(
  tensors: Readonly<Record<string, SafetensorsTensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const file = encodeSafetensors(tensors, { ...metadata, ...UNSEALED });
  file.set(new TextEncoder().encode(hex(crc32(file))), placeOf(file));
  return file;
}

/** Throws ReparamError "checkpoint" where a file that says its checksum is another one. */
export function checkSeal(bytes: Uint8Array, checksum: string | undefined, fileName: string): void {
  if (checksum === undefined) return;
  const copy = new Uint8Array(bytes); // not `slice`, which of Node's Buffer is no copy
  const at = placeOf(copy);
  if (at >= 0) copy.fill(0x30, at, at + UNSEALED.checksum.length);
  const found = hex(crc32(copy));
  if (found === checksum) return;
  throw new ReparamError(
    "checkpoint",
    `${fileName} is damaged: its checksum is ${found}, and it should be ${checksum}.`,
  );
}

/** Where the digits stand. Quotes inside of strings are escaped in JSON, so the key is found nowhere else; −1 without one. */
function placeOf(file: Uint8Array): number {
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  const header = new TextDecoder("latin1").decode(file.subarray(8, 8 + headerBytes));
  const at = header.indexOf(KEY);
  return at < 0 ? -1 : 8 + at + KEY.length;
}

const hex = (value: number): string => value.toString(16).padStart(UNSEALED.checksum.length, "0");
