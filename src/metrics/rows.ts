import { ReparamError } from "../errors.ts";

/** How many examples an array [rows, columns] is of. */
export interface RowsOption {
  readonly rows: number;
}

/** Columns of `values` [rows, columns]. Throws ReparamError "data" where there are none, or a number is not finite. */
export function columnsOf(what: string, values: ArrayLike<number>, rows: number): number {
  const columns = values.length / rows;
  if (!(Number.isInteger(rows) && rows > 0 && Number.isInteger(columns) && columns > 0)) {
    throw new ReparamError("data", `${what}: ${values.length} numbers are not ${rows} rows of equal length.`);
  }
  for (let at = 0; at < values.length; at++) {
    if (!Number.isFinite(values[at])) {
      throw new ReparamError(
        "data",
        `${what}: row ${Math.floor(at / columns)} has ${values[at]}, and has to be finite.`,
      );
    }
  }
  return columns;
}

/** A column of `values` [rows, columns]. */
export const columnOf = (values: ArrayLike<number>, columns: number, column: number): Float64Array =>
  Float64Array.from({ length: values.length / columns }, (_, row) => values[row * columns + column]);
