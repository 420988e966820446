import { ReparamError } from "../errors.ts";

/** The extents of a shape as a person writes it, `128x784`. Throws ReparamError "usage" where they are not `names`. */
export function parseExtents(text: string, names: readonly string[]): number[] {
  const extents = text.split("x").map(Number);
  const fits = extents.length === names.length && extents.every((extent) => Number.isInteger(extent) && extent > 0);
  if (!fits) {
    const example = (names.length > 3 ? [128, 28, 28, 32, 64] : [128, 784, 400]).slice(0, names.length).join("x");
    throw new ReparamError("usage", `The shape "${text}" is not of the form ${names.join("x")}, such as ${example}.`);
  }
  if (extents.reduce((product, extent) => product * extent, 1) > MAX_WORK) {
    throw new ReparamError("usage", `The shape "${text}" is too large to be checked against float64 here.`);
  }
  return extents;
}

/**
 * The shape of a layer, `128x28x28x32 k3 s2`: extents as above, and whole numbers by their letters, in any order, of which
 * `defaults` has those that may be missing. Throws ReparamError "usage" where it is not of that form.
 */
export function parseLayer<Letter extends string>(
  text: string,
  names: readonly string[],
  defaults: Readonly<Record<Letter, number>>,
): { extents: number[]; sizes: Record<Letter, number> } {
  const [extents, ...words] = text.trim().split(/[ :]+/);
  const sizes: Record<Letter, number> = { ...defaults };
  for (const word of words) {
    const letter = word[0] as Letter;
    if (!Object.hasOwn(defaults, letter)) {
      const known = Object.entries(defaults).map(([letter, size]) => `${letter}${size}`);
      throw new ReparamError("usage", `"${word}" in the shape "${text}" is none of the kind of ${known.join(", ")}.`);
    }
    if (!/^[1-9]\d*$/.test(word.slice(1)))
      throw new ReparamError("usage", `The shape "${text}" has ${word} for a whole number.`);
    sizes[letter] = Number(word.slice(1));
  }
  return { extents: parseExtents(extents, names), sizes };
}

/** The reference runs in JavaScript: beyond some ten seconds nobody waits for it. */
const MAX_WORK = 2 ** 33;
