import { crc32, deflateSync } from "node:zlib";

/** A PNG of any kind, for what our own writer never writes. */
export interface PngParts {
  readonly width: number;
  readonly height: number;
  /** Bits of a number, and the header's colour type: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA. */
  readonly depth: 1 | 2 | 4 | 8 | 16;
  readonly type: 0 | 2 | 3 | 4 | 6;
  /** Numbers row by row, 0 to 2^depth − 1. */
  readonly numbers: readonly number[];
  /** Which of the five filters each row has, in turn. */
  readonly filters?: readonly number[];
  readonly interlaced?: boolean;
  readonly palette?: readonly number[];
  readonly transparency?: readonly number[];
  /** Sizes that the header says in place of the true ones. */
  readonly says?: readonly [number, number];
}

const NUMBERS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;
/** Adam7: first column and row of a pass, and the steps. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

export function makePng(parts: PngParts): Uint8Array {
  const { width, height, depth, type, palette, transparency, interlaced = false, says = [width, height] } = parts;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(says[0], 0);
  header.writeUInt32BE(says[1], 4);
  header.set([depth, type, 0, 0, interlaced ? 1 : 0], 8);
  const passes = interlaced ? PASSES : [[0, 0, 1, 1]];
  const rows = Buffer.concat(passes.map(([x, y, stepX, stepY]) => filtered(parts, x, y, stepX, stepY)));
  const packed = deflateSync(rows);
  const half = packed.length >> 1;
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
      chunk("IHDR", header),
      ...(palette ? [chunk("PLTE", Buffer.from(palette))] : []),
      ...(transparency ? [chunk("tRNS", Buffer.from(transparency))] : []),
      chunk("IDAT", packed.subarray(0, half)),
      chunk("IDAT", packed.subarray(half)),
      chunk("IEND", Buffer.alloc(0)),
    ]),
  );
}

export function chunk(name: string, body: Buffer): Buffer {
  const bytes = Buffer.alloc(body.length + 12);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(name, 4, "latin1");
  body.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + body.length)), 8 + body.length);
  return bytes;
}

/** The rows of one pass, each with its filter before it. */
function filtered(
  { width, height, depth, type, numbers, filters = [0] }: PngParts,
  x0: number,
  y0: number,
  stepX: number,
  stepY: number,
): Buffer {
  const of = NUMBERS[type];
  const back = Math.max(1, (of * depth) >> 3);
  const rows: Buffer[] = [];
  let before: Buffer | undefined;
  for (let y = y0, k = 0; y < height; y += stepY, k++) {
    const line: number[] = [];
    for (let x = x0; x < width; x += stepX) line.push(...numbers.slice((y * width + x) * of, (y * width + x + 1) * of));
    if (line.length === 0) continue;
    const raw = packedLine(line, depth);
    const filter = filters[k % filters.length];
    const result = Buffer.alloc(raw.length + 1);
    result[0] = filter;
    for (let i = 0; i < raw.length; i++) {
      const left = raw[i - back] ?? 0;
      const up = before?.[i] ?? 0;
      const corner = before?.[i - back] ?? 0;
      result[i + 1] = raw[i] - [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
    }
    rows.push(result);
    before = raw;
  }
  return Buffer.concat(rows);
}

function packedLine(line: readonly number[], depth: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil((line.length * depth) / 8));
  line.forEach((number, i) => {
    if (depth === 16) bytes.writeUInt16BE(number, 2 * i);
    else bytes[(i * depth) >> 3] |= number << (8 - depth - ((i * depth) & 7));
  });
  return bytes;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
