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

/** What `read` gives, or undefined where it refuses in one sentence that begins with the file's name. Nothing else may happen. */
export function readOrRefused<T>(read: () => T, name: string): T | undefined {
  try {
    return read();
  } catch (error) {
    // No `expect`: each would be kept as a step of the test, and these are thousands.
    if (
      error instanceof ReparamError &&
      error.code === "data" &&
      error.message.includes(name) &&
      error.message.endsWith(".")
    )
      return undefined;
    throw error;
  }
}
