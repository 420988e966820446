import { allShaders } from "./all.generated.ts";
import { shaderLines } from "./lines.generated.ts";
import type { Shader } from "./shader.ts";

/** A line of a file of shaders/. */
export interface Origin {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/**
 * Where a line of a linked text comes from, whose number is from 1: the place that agrees with the most lines around it, in
 * the files that are in that text. Undefined for a line that none of them has, such as one that the compiler wrote.
 */
export function originOf(code: string, line: number): Origin | undefined {
  const linked = code.split("\n").map(plain);
  const at = line - 1;
  let best: { readonly agreed: number; readonly path: string; readonly index: number } | undefined;
  for (const { path, text } of filesIn(new Set(linked))) {
    const lines = text.split("\n").map(plain);
    for (let index = 0; index < lines.length - 1; index++) {
      if (lines[index] !== linked[at]) continue;
      const agreed = run(linked, at, lines, index, -1) + run(linked, at, lines, index, 1);
      if (agreed > (best?.agreed ?? -1)) best = { agreed, path, index };
    }
  }
  return best && { path: best.path, line: sourceLine(shaderLines[best.path], best.index) };
}

/** A line without its indentation, and without the numbers that tell apart the names of loops in one launch. */
const plain = (line: string): string => line.trim().replace(/(?<=\w)_\d+\b/g, "");

/** The files of which a text has a line that is in no other file. */
function filesIn(linked: ReadonlySet<string>): Shader[] {
  const files = new Map<string, Set<Shader>>();
  for (const shader of allShaders) {
    for (const line of shader.text.split("\n").map(plain)) files.set(line, (files.get(line) ?? new Set()).add(shader));
  }
  return allShaders.filter(({ text }) =>
    text
      .split("\n")
      .map(plain)
      .some((line) => linked.has(line) && files.get(line)!.size === 1),
  );
}

/** How many lines agree from one place each on, in a direction. */
function run(a: readonly string[], i: number, b: readonly string[], j: number, step: 1 | -1): number {
  let count = 0;
  while (a[i + step * (count + 1)] !== undefined && a[i + step * (count + 1)] === b[j + step * (count + 1)]) count++;
  return count;
}

function sourceLine(jumps: readonly number[], index: number): number {
  let pair = 0;
  while (pair + 2 < jumps.length && jumps[pair + 2] <= index) pair += 2;
  return jumps[pair + 1] + index - jumps[pair];
}
