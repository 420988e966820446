import { inflateSync } from "fflate";
import { ReparamError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import { MAX_RATIO, MAX_UNPACKED_BYTES } from "./gzip.ts";

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Unpacks it. Throws `data` where its size or checksum is not what the archive says. */
  bytes(): Uint8Array;
}

/** "PK" and a record's type, as a little-endian word. */
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
/** What stands where a zip64 record has the true number. */
const IN_ZIP64 = 0xffffffff;

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6));

/**
 * The files of a zip archive, stored or deflated, up to 2 GiB each (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
 * The directory is read here and not by fflate, which allocates what it claims and compares no checksum. Throws `data`,
 * naming the archive, for anything damaged, encrypted, or in zip64, and where all files together unpack to more than `most`
 * bytes: entries may share what is packed, so a small archive can claim any number of them.
 */
export function readZip(file: Uint8Array, fileName: string, most = MAX_UNPACKED_BYTES): ZipEntry[] {
  const refuse = (what: string): never => {
    throw new ReparamError("data", `${fileName} is a damaged or unusable zip archive: ${what}.`);
  };
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const end = endRecord(view) ?? refuse(`it has ${file.length} bytes and no directory at their end; is it truncated?`);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  let total = 0;
  const entries: ZipEntry[] = [];
  for (let k = 0; k < count; k++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL)
      refuse(`entry ${k} of its directory is not at byte ${at}`);
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [checksum, packed, size] = [16, 20, 24].map((offset) => view.getUint32(at + offset, true));
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(file.slice(at + 46, at + 46 + nameBytes));
    at += 46 + nameBytes + extraBytes + commentBytes;
    if (flags & 1) refuse(`${name} is encrypted`);
    if (method !== 0 && method !== 8)
      refuse(`${name} is packed by method ${method}; stored and deflated files are read`);
    if ([packed, size, local].includes(IN_ZIP64)) refuse(`${name} has its size in a zip64 record, for more than 4 GiB`);
    if (size > packed * (method === 8 ? MAX_RATIO : 1)) {
      refuse(`${name} has ${packed} bytes, which cannot unpack to the ${size} that it claims`);
    }
    if (size > MAX_UNPACKED_BYTES) {
      refuse(`${name} unpacks to ${size} bytes, and at most ${MAX_UNPACKED_BYTES} are read`);
    }
    total += size;
    if (total > most) refuse(`its files up to ${name} unpack to ${total} bytes, and at most ${most} are read`);
    entries.push({
      name,
      bytes() {
        if (local + 30 > file.length || view.getUint32(local, true) !== LOCAL)
          refuse(`${name} is not at byte ${local}`);
        const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
        if (start + packed > file.length) {
          refuse(`${name} should end at byte ${start + packed} and the archive has ${file.length} bytes`);
        }
        const content = unpack(file.subarray(start, start + packed), method, size);
        if (content?.length !== size || crc32(content) !== checksum) refuse(`the content of ${name} is damaged`);
        return content!;
      },
    });
  }
  return entries;
}

/** Where the record at the end of an archive begins: only a comment lies behind it. */
function endRecord(view: DataView): number | undefined {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  }
  return undefined;
}

/** undefined where the bytes are no deflate stream. */
function unpack(packed: Uint8Array, method: number, size: number): Uint8Array | undefined {
  if (method === 0) return packed.slice();
  try {
    return inflateSync(packed, { out: new Uint8Array(size) });
  } catch {
    return undefined;
  }
}
