/** A part of a text, with what it leads to where it names that. */
export interface Part {
  readonly text: string;
  readonly href?: string;
}

const NAMED = /https?:\/\/[^\s;]+|arXiv:\d{4}\.\d{4,5}(?:v\d+)?|doi:10\.\d{4,9}\/[^\s;]+/gi;
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^arxiv:/i, "https://arxiv.org/abs/"],
  [/^doi:/i, "https://doi.org/"],
];

/** A reference in parts: addresses, arXiv's numbers and DOIs lead to where they say. */
export function partsOf(reference: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { 0: found, index } of reference.matchAll(NAMED)) {
    // What ends a sentence is no part of an address.
    const name = found.replace(/[.,)]+$/, "");
    const kind = KINDS.find(([start]) => start.test(name));
    if (index > at) parts.push({ text: reference.slice(at, index) });
    parts.push(
      kind ? { text: name, href: name.replace(...kind) } : { text: name.replace(/^https?:\/\//, ""), href: name },
    );
    at = index + name.length;
  }
  if (at < reference.length) parts.push({ text: reference.slice(at) });
  return parts;
}
