import { maskComments } from "../kernels/declarations.ts";
import type { ReflectedBinding } from "./binding.ts";

/**
 * Writes beyond a buffer's end cannot be seen where they happen: WebGPU keeps every access inside the binding, by moving
 * it to the last element (SwiftShader) or dropping it (lavapipe). So the kernel is run once more with every buffer bound
 * with room to spare, filled with a pattern: what lies just beyond the end then lands there, on every adapter; what lies
 * far beyond does so where accesses are moved.
 */

/** Bytes beyond a buffer's end that are watched. */
export const guardBytes = (bytes: number): number => Math.max(4096, Math.min(bytes, 1 << 20));

/** A NaN as f32, and a number that no kernel writes by chance as u32. */
export const CANARY = 0x7fc0dead;

/**
 * The kernel's text with every array as long as its binding: lengths dropped from the declarations of storage arrays
 * (an index beyond them would stay inside), and `arrayLength` replaced by the length that the kernel shall see.
 * Returns the text, and which bindings it watches.
 */
export function guardedCode(
  code: string,
  bindings: readonly ReflectedBinding[],
): { code: string; watched: ReadonlySet<string> } {
  let text = maskComments(code);
  const watched = new Set<string>();
  for (const { name, access, elements, runtimeSized } of bindings) {
    if (access === "uniform" || elements === undefined) continue;
    const length = new RegExp(`\\barrayLength\\s*\\(\\s*&\\s*${name}\\s*\\)`, "g");
    if (runtimeSized) text = text.replace(length, `${elements}u`);
    else {
      const sized = new RegExp(`(var\\s*<\\s*storage[^>]*>\\s*${name}\\s*:\\s*array\\s*<.+),\\s*\\w+\\s*>\\s*;`);
      if (!sized.test(text)) continue; // an alias: its length stays, and so do the accesses
      text = text.replace(sized, "$1>;");
    }
    watched.add(name);
  }
  return { code: text, watched };
}

/** The first scalar beyond the end that is no longer as it was laid, counted from the end; undefined if all are. */
export function firstTouched(guard: Uint32Array): number | undefined {
  const at = guard.findIndex((word) => word !== CANARY);
  return at < 0 ? undefined : at;
}
