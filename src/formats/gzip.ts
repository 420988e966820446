import { gunzipSync } from "fflate";
import { ReparamError } from "../errors.ts";
import { crc32 } from "./crc32.ts";

/** Deflate never makes more than 1032 bytes out of one (258 bytes for two bits). */
export const MAX_RATIO = 1032;

/** What a packed file, or a file of an archive, may unpack to: Node reads no larger file that is not packed. */
export const MAX_UNPACKED_BYTES = 2 ** 31 - 1;
/** Flags that RFC 1952 (section 2.3.1.2) tells a reader to refuse. */
const RESERVED_FLAGS = 0xe0;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks a gzip file of one member. fflate takes the length and the checksum at the end on trust; here both are
 * checked, so that a damaged file never gives wrong data. Throws `data`, naming the file; so for one that unpacks to more
 * than `most` bytes, before anything is made for it.
 */
export function gunzip(bytes: Uint8Array, fileName: string, most = MAX_UNPACKED_BYTES): Uint8Array {
  const damaged = (what: string, cause?: unknown): ReparamError =>
    new ReparamError("data", `${fileName} is a damaged or truncated gzip file: ${what}; get it again.`, { cause });
  if (bytes.length < 18) throw damaged(`it has ${bytes.length} bytes and needs at least 18`);
  if (bytes[3] & RESERVED_FLAGS) throw damaged("its header has reserved flags set");
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const checksum = trailer.getUint32(0, true);
  const length = trailer.getUint32(4, true);
  if (length > MAX_RATIO * bytes.length) {
    throw damaged(`its ${bytes.length} bytes end by claiming ${length} bytes of content`);
  }
  if (length > most) {
    throw new ReparamError("data", `${fileName} unpacks to ${length} bytes, and at most ${most} are read.`);
  }
  let content: Uint8Array;
  try {
    // Not larger than that, whatever the stream holds.
    content = gunzipSync(bytes, { out: new Uint8Array(length) });
  } catch (cause) {
    throw damaged(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const found = crc32(content);
  if (found !== checksum || content.length !== length) {
    throw damaged(`the checksum of its content is ${hexadecimal(found)} and should be ${hexadecimal(checksum)}`);
  }
  return content;
}

const hexadecimal = (word: number): string => `0x${word.toString(16).padStart(8, "0")}`;
