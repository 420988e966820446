import { csvFormatRows } from "d3-dsv";
import { type Field, fieldSize } from "../data/dataset.ts";

/** Numbers [rows, columns] as a table: a line a row, which begins with its place and, where it is known, its class. */
export function csvOf(columns: readonly string[], values: Float32Array, classes?: readonly string[]): string {
  const lines = Array.from({ length: values.length / columns.length }, (_, row) => [
    `${row}`,
    ...(classes ? [classes[row]] : []),
    ...Array.from(values.subarray(row * columns.length, (row + 1) * columns.length), String),
  ]);
  return `${csvFormatRows([["example", ...(classes ? ["class"] : []), ...columns], ...lines])}\n`;
}

/** What the numbers that a use gives are called in a table. */
export const columnNames = (use: string, to: Field): readonly string[] =>
  to.names ?? Array.from({ length: fieldSize(to) }, (_, k) => (fieldSize(to) === 1 ? use : `${use}.${k + 1}`));
