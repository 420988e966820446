import { type FieldValues, fieldSize } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Model } from "../models/model.ts";
import { checkKeys } from "../schema/constraints.ts";
import { asFieldValues, type Numbers } from "./data.ts";
import { useNamed } from "./use-named.ts";

/**
 * What a use takes for so many rows, of what a caller gave by name: one number stands for all rows.
 * Throws ReparamError "usage" for a use that the model does not have, "config" for an input that the use does not have, "data"
 * for one that is missing or is no numbers.
 */
export function useInputs<Buffer extends GPUBuffer = never>(
  model: Model,
  name: string,
  count: number,
  inputs: Readonly<Record<string, Numbers | number | NoInfer<Buffer> | undefined>>,
): Record<string, FieldValues | Buffer> {
  const { from } = useNamed(model, name);
  checkKeys(name, inputs, Object.keys(from));
  const values: Record<string, FieldValues | Buffer> = {};
  for (const [key, field] of Object.entries(from)) {
    const input = inputs[key];
    if (input === undefined) throw new ReparamError("data", `${name} takes ${key}: give it as { ${key}: … }.`);
    if (typeof input === "number") values[key] = new Float32Array(count * fieldSize(field)).fill(input);
    else if (isBuffer(input)) values[key] = input;
    else values[key] = asFieldValues(`${name}: ${key}`, input);
  }
  return values;
}

/** How many rows the numbers of an input make. Throws ReparamError "data" where they are no whole rows. */
export function rowsOf(model: Model, name: string, key: string, numbers: Numbers): number {
  const size = fieldSize(useNamed(model, name).from[key]);
  if (numbers.length % size === 0) return numbers.length / size;
  throw new ReparamError("data", `${name}: ${numbers.length} numbers are not rows of ${size}.`);
}

const isBuffer = <Buffer extends GPUBuffer>(input: Numbers | Buffer): input is Buffer => "mapAsync" in input;
