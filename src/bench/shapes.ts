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

/** The reference runs in JavaScript: beyond some ten seconds nobody waits for it. */
const MAX_WORK = 2 ** 33;
