import fc from "fast-check";
import { ReparamError } from "../../src/errors.ts";

/** Ways to damage a file: bytes changed, the end cut off, something put behind it. */
export const damages = fc.record({
  changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
  keep: fc.option(fc.nat(), { freq: 3 }),
  tail: fc.uint8Array({ maxLength: 4 }),
});

export function damaged(
  file: Uint8Array,
  { changes, keep, tail }: typeof damages extends fc.Arbitrary<infer T> ? T : never,
) {
  const bytes = Uint8Array.from(file);
  for (const [position, difference] of changes) bytes[position % bytes.length] ^= difference;
  const kept = keep === null ? bytes : bytes.subarray(0, keep % (bytes.length + 1));
  return new Uint8Array(Buffer.concat([kept, tail]));
}

/** What headers lie with: none, all, the largest, the most negative, in words of 1 to 8 bytes; and words that JSON may hold. */
const LIES = [
  ...[1, 2, 4, 8].flatMap((bytes) => [
    new Array(bytes).fill(0),
    new Array(bytes).fill(0xff),
    [...new Array(bytes - 1).fill(0xff), 0x7f],
    [0x7f, ...new Array(bytes - 1).fill(0xff)],
    [0x80, ...new Array(bytes - 1).fill(0)],
  ]),
  ...[
    '"__proto__":{"x":1},',
    '"constructor"',
    "1e999",
    "-1",
    "9007199254740993",
    "null",
    "[[[[",
    "../../x",
    "{",
    '"',
  ].map((text) => [...new TextEncoder().encode(text)]),
];

/** Ways to damage a file, lying headers among them. */
export const hostile = fc.record({
  damage: damages,
  lies: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...LIES)), { maxLength: 3 }),
  /** Headers lie at the beginning or the end, mostly. */
  early: fc.boolean(),
});

export function madeHostile(
  file: Uint8Array,
  { damage, lies, early }: typeof hostile extends fc.Arbitrary<infer T> ? T : never,
): Uint8Array {
  const bytes = Uint8Array.from(file);
  for (const [position, lie] of lies) {
    const at = position % (early ? Math.min(bytes.length, 64) : bytes.length);
    bytes.set(lie.slice(0, bytes.length - at), at);
  }
  return damaged(bytes, damage);
}

/** What `read` gives, or undefined where it refuses in one sentence that has the file's name. Nothing else may happen. */
export function readOrRefused<T>(read: () => T, name: string, codes: readonly string[] = ["data"]): T | undefined {
  try {
    return read();
  } catch (error) {
    // No `expect`: each would be kept as a step of the test, and these are thousands.
    if (
      error instanceof ReparamError &&
      codes.includes(error.code) &&
      error.message.includes(name) &&
      /[.?]$/.test(error.message)
    )
      return undefined;
    throw error;
  }
}
