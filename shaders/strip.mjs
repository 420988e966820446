/**
 * The lines of a WGSL text that say something, without comments and indentation, each with its number in the text, from 1.
 * What stands behind `//#` is for linking, and stays.
 */
export function stripped(source) {
  return withoutComments(source)
    .split("\n")
    .map((text, index) => ({ text: text.trim(), line: index + 1 }))
    .filter(({ text }) => text !== "");
}

function withoutComments(source) {
  let kept = "";
  for (let at = 0; at < source.length; ) {
    const end = commentEnd(source, at);
    kept += end === at ? source[at] : source.slice(at, end).replace(/[^\n]/g, "");
    at = Math.max(end, at + 1);
  }
  return kept;
}

/** Where the comment ends that begins at a place; that place, where none does. Block comments may hold others. */
function commentEnd(source, start) {
  if (source.startsWith("//", start) && !source.startsWith("//#", start)) {
    const newline = source.indexOf("\n", start);
    return newline < 0 ? source.length : newline;
  }
  if (!source.startsWith("/*", start)) return start;
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    if (source.startsWith("/*", at)) [depth, at] = [depth + 1, at + 1];
    else if (source.startsWith("*/", at)) [depth, at] = [depth - 1, at + 1];
    if (depth === 0) return at + 1;
  }
  return source.length;
}

/** Line numbers as pairs: from which index on they go up by one, and from which number. */
export const jumpsOf = (lines) =>
  lines.flatMap((line, index) => (index > 0 && line === lines[index - 1] + 1 ? [] : [index, line]));
