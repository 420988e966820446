// Reads WGSL as far as linking has to: comments, and where one declaration ends and the next begins.

/** One declaration at module scope, with the comment right above it and the one behind it on its last line. */
export interface Declaration {
  readonly text: string;
  /** Of a function, constant, struct, alias or variable; what has none is there for its own sake. */
  readonly name?: string;
  /** All that may be a name in it. */
  readonly uses: ReadonlySet<string>;
}

/** A text whose comments are blank, or full of another character; the rest stays in its place. */
export function maskComments(text: string, fill = " "): string {
  let masked = "";
  let from = 0;
  for (let at = text.indexOf("/"); at >= 0; at = text.indexOf("/", Math.max(from, at + 1))) {
    const end = commentEnd(text, at);
    if (end === at) continue;
    masked += text.slice(from, at) + fill.repeat(end - at);
    from = end;
  }
  return masked + text.slice(from);
}

/** Where the comment ends that begins at a place; that place, where none does. */
function commentEnd(text: string, start: number): number {
  if (text.startsWith("//", start)) {
    const newline = text.indexOf("\n", start);
    return newline < 0 ? text.length : newline;
  }
  if (!text.startsWith("/*", start)) return start;
  // Block comments may hold others.
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith("/*", at)) [depth, at] = [depth + 1, at + 1];
    else if (text.startsWith("*/", at)) [depth, at] = [depth - 1, at + 1];
    if (depth === 0) return at + 1;
  }
  return text.length;
}

/** The names in a text, keywords among them, without those in comments. */
export const namesIn = (text: string): Set<string> =>
  new Set(maskComments(text).match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []);

/** The declarations of a module in their order. Comments that belong to none are left out. */
export function declarationsOf(source: string): Declaration[] {
  const code = maskComments(source);
  const comments = maskComments(source, "#");
  const declarations: Declaration[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < code.length; at++) {
    if ("({[".includes(code[at])) depth++;
    if (")}]".includes(code[at])) depth--;
    if (depth > 0 || !";}".includes(code[at])) continue;
    const line = /^[ \t]*(?:\n|$)/.exec(code.slice(at + 1));
    const end = at + 1 + (line?.[0].length ?? 0);
    const first = start + code.slice(start, end).search(/\S/);
    const blank = [...comments.slice(start, first).matchAll(/\n(?=[ \t]*\n)/g)].at(-1);
    const text = source.slice(blank ? start + blank.index + 1 : start, end);
    declarations.push({ text, name: nameOf(code.slice(first, end)), uses: namesIn(text) });
    start = end;
    at = end - 1;
  }
  return declarations;
}

/** An override has a name as well, but a pipeline is given its value whether it is used or not. */
const nameOf = (code: string): string | undefined =>
  /^(?:@[^;{]*?)?\b(?:fn|const|struct|alias|var(?:\s*<[^>]*>)?)\s+([\p{L}\p{N}_]+)/u.exec(code)?.[1];

/** The text of those declarations that others need, which use `names`, and of those without a name. */
export function reachable(declarations: readonly Declaration[], names: ReadonlySet<string>): string {
  const byName = new Map(declarations.map((declaration) => [declaration.name, declaration]));
  const kept = new Set<Declaration>();
  const keep = (declaration: Declaration | undefined): void => {
    if (!declaration || kept.has(declaration)) return;
    kept.add(declaration);
    for (const name of declaration.uses) keep(byName.get(name));
  };
  for (const declaration of declarations) if (declaration.name === undefined) keep(declaration);
  for (const name of names) keep(byName.get(name));
  return declarations
    .filter((declaration) => kept.has(declaration))
    .map(({ text }) => text)
    .join("")
    .trimStart();
}
