/** Parts of the page that another page may show of it. */
const PARTS = ["map", "draw", "train", "model", "curves"] as const;
export type Part = (typeof PARTS)[number];

/**
 * What `?embed=map,draw,train` shows: the parts that it lists and no others, so that a part which is added later changes no
 * page. undefined where the page stands for itself.
 */
export function embeddedParts(search: string): ReadonlySet<Part> | undefined {
  const list = new URLSearchParams(search).get("embed");
  if (list === null) return undefined;
  const asked = list.split(",").map((name) => name.trim());
  const known = PARTS.filter((part) => asked.includes(part));
  return new Set(known.length > 0 ? known : ["map"]);
}

export const embedded = embeddedParts(globalThis.location?.search ?? "");
