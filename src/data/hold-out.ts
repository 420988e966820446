import { permute } from "../random/feistel.ts";
import { type Dataset, type FieldValues, fieldSize, type Split } from "./dataset.ts";

/** One example of so many is held out, rounded down, but at least one. */
const ONE_OF = 10;

/**
 * Which examples of a file train and which are held out for the test: a tenth, the first ones of the order that `seed` shuffles
 * the file into. Both ascend. `count` is at least 2.
 */
export function holdOut(count: number, seed: number): { train: Uint32Array; test: Uint32Array } {
  const held = new Uint8Array(count);
  const testCount = Math.max(1, Math.floor(count / ONE_OF));
  for (let k = 0; k < testCount; k++) held[permute(k, count, [seed, 0], 0)] = 1;
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  return { train: rows.filter((row) => held[row] === 0), test: rows.filter((row) => held[row] === 1) };
}

/** The examples of a split that stand at `rows`. */
export function rowsAt(fields: Dataset["fields"], { values, rows: places }: Split, rows: Uint32Array): Split {
  const chosen = Object.entries(values).map(([name, all]) => {
    const size = fieldSize(fields[name]);
    const some = new (all.constructor as new (length: number) => FieldValues)(rows.length * size);
    rows.forEach((row, k) => {
      some.set(all.subarray(row * size, (row + 1) * size), k * size);
    });
    return [name, some] as const;
  });
  return {
    count: rows.length,
    values: Object.fromEntries(chosen),
    ...(places && { rows: rows.map((row) => places[row]) }),
  };
}
