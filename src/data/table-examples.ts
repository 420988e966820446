import { ReparamError } from "../errors.ts";
import { isMissing, type Table, transposed } from "../formats/table.ts";
import { nearest } from "../nearest.ts";
import { quote } from "../schema/constraints.ts";
import { type Dataset, type Field, vector } from "./dataset.ts";
import type { Examples } from "./examples.ts";
import { remarkOnCoarse, toFloats } from "./floats.ts";
import type { Labels } from "./labels.ts";
import type { ReadOptions } from "./read-options.ts";
import { lastPart } from "./source.ts";

type TableOptions = Pick<ReadOptions, "examples" | "label" | "ignore" | "missing" | "kind">;

/** Names of a column that holds the class where nobody names one. */
const USUAL_LABEL = /^(label|class|target)$/i;
/** So many names are told in a line. */
const SHOWN = 8;

/**
 * The rows of a table as examples: its columns of numbers are `x`, one column may be the class. `made`: the fields of a model that
 * is to be used on it, whose columns are taken by their names, in their order. Throws ReparamError "data", naming row and
 * column, for what is no number.
 */
export function tableExamples(source: string, read: Table, options: TableOptions, made?: Dataset["fields"]): Examples {
  const table = options.examples === "columns" ? transposed(read) : read;
  const names = columnNames(source, table);
  const label = labelColumn(source, table, names, options, made !== undefined);
  const columns = exampleColumns(source, table, names, label, options, made?.x);
  if (columns.length === 0) throw new ReparamError("data", `${source} has no column of numbers left for examples.`);
  const rows = usableRows(table, label === undefined ? columns : [...columns, label], options.missing);
  checkCells(source, table, names, columns, rows);
  if (rows.length === 0) throw new ReparamError("data", `${source} holds no examples.`);

  const numbers = new Float64Array(rows.length * columns.length);
  rows.forEach((row, k) => {
    columns.forEach((column, at) => {
      numbers[k * columns.length + at] = table.numbers[row * table.columns + column];
    });
  });
  const place = (row: number, column: number) => `${source}: ${table.rowName(row)}, column ${names[column]}`;
  const { values, coarse } = toFloats(numbers, columns.length, (i) =>
    place(rows[Math.floor(i / columns.length)], columns[i % columns.length]),
  );
  return {
    source,
    count: rows.length,
    x: fieldOf(
      columns.map((column) => names[column]),
      options.kind,
      table.names !== undefined,
    ),
    values,
    ...(label !== undefined && { labels: labelsIn(source, table, names, label, rows) }),
    remarks: [
      ...remarksOn(source, table, names, label, columns),
      ...remarkOnDropped(source, table, rows),
      ...remarkOnCoarse(
        source,
        coarse.map((k) => names[columns[k]]),
      ),
    ],
  };
}

/** Columns without names are counted from 1. */
function columnNames(source: string, { columns, names }: Table): readonly string[] {
  const all = Array.from({ length: columns }, (_, k) => names?.[k] || String(k + 1));
  const twice = all.find((name, k) => all.indexOf(name) < k);
  if (twice === undefined || new Set(all).size === all.length) return all;
  throw new ReparamError("data", `${source} has two columns called ${quote(twice)}; rename one.`);
}

function labelColumn(
  source: string,
  table: Table,
  names: readonly string[],
  { label }: TableOptions,
  used: boolean,
): number | undefined {
  if (label === false) return undefined;
  if (label !== null) {
    const column = names.indexOf(String(label));
    if (column >= 0) return column;
    // A trained model is used on examples whose classes need not be known.
    if (used && table.names) return undefined;
    throw noColumn(source, label, names, "which data.label names");
  }
  const usual = table.names ? names.findIndex((name) => USUAL_LABEL.test(name)) : -1;
  return usual < 0 ? undefined : usual;
}

function exampleColumns(
  source: string,
  table: Table,
  names: readonly string[],
  label: number | undefined,
  { ignore }: TableOptions,
  made?: Field,
): number[] {
  const all = [...names.keys()];
  if (made?.names && table.names) {
    return made.names.map((name) => {
      const column = names.indexOf(name);
      if (column < 0) throw noColumn(source, name, names, "which is trained on");
      return column;
    });
  }
  const left = ignore.map((name) => {
    const column = names.indexOf(String(name));
    if (column < 0 && !made) throw noColumn(source, name, names, "which data.ignore names");
    return column;
  });
  return all.filter((column) => column !== label && !left.includes(column));
}

function noColumn(source: string, name: string | number, names: readonly string[], what: string): ReparamError {
  const guess = nearest(String(name), names.slice(0, 1000));
  return new ReparamError(
    "data",
    `${source} has no column ${quote(name)}, ${what}; did you mean ${quote(guess)}? It has ${listed(names)}.`,
  );
}

/** All rows, or those that have a value in each of the columns. */
function usableRows({ rows, words }: Table, columns: readonly number[], missing: ReadOptions["missing"]): number[] {
  const all = [...Array(rows).keys()];
  if (missing === "refuse") return all;
  const holed = columns.flatMap((column) => words.get(column) ?? []);
  if (holed.length === 0) return all;
  return all.filter((row) => !columns.some((column) => isMissing(words.get(column)?.[row] ?? "0")));
}

function checkCells(
  source: string,
  { words, rowName }: Table,
  names: readonly string[],
  columns: readonly number[],
  rows: readonly number[],
): void {
  for (const column of columns) {
    const own = words.get(column);
    const row = own && rows.find((row) => own[row] !== undefined);
    if (!own || row === undefined) continue;
    const text = own[row]!;
    const where = `${source}: ${rowName(row)}, column ${names[column]}`;
    const leave = `data.ignore=[${quote(names[column])}] leaves the column out`;
    if (isMissing(text)) {
      const found = text === "" ? "is empty" : `is ${text}`;
      throw new ReparamError("data", `${where} ${found}: data.missing=drop leaves out such rows, and ${leave}.`);
    }
    const comma = /^[+-]?\d*,\d+$/.test(text) ? " (numbers are written with a point)" : "";
    const large = Number.isFinite(Number.parseFloat(text)) || !/^[+-]?\d/.test(text) ? "" : ", too large";
    throw new ReparamError("data", `${where} is ${quote(text)}, no number${large}${comma}: ${leave}.`);
  }
}

const fieldOf = (names: readonly string[], kind: ReadOptions["kind"], named: boolean): Field => ({
  ...vector(names.length),
  ...(kind === "series" && { kind }),
  ...(named && { names }),
});

function labelsIn(
  source: string,
  { words, numbers, columns, rowName }: Table,
  names: readonly string[],
  label: number,
  rows: readonly number[],
): Labels {
  const own = words.get(label);
  const place = (row: number) => `${rowName(rows[row])}, column ${names[label]},`;
  if (!own) return { source, values: rows.map((row) => numbers[row * columns + label]), place };
  const hole = rows.findIndex((row) => isMissing(own[row] ?? "0"));
  if (hole >= 0) {
    const what = "has no class: data.missing=drop leaves out such rows, and data.label=false all classes";
    throw new ReparamError("data", `${source}: ${place(hole)} ${what}.`);
  }
  return { source, values: rows.map((row) => own[row] ?? String(numbers[row * columns + label])), place };
}

function remarksOn(
  source: string,
  table: Table,
  names: readonly string[],
  label: number | undefined,
  columns: readonly number[],
): string[] {
  const header = table.names
    ? `${lastPart(source)}: columns have names: ${listed(columns.map((column) => names[column]))}`
    : `${lastPart(source)}: there is no header; columns are called 1 to ${table.columns}`;
  return [header, ...(label === undefined ? [] : [`${lastPart(source)}: the class is in column ${names[label]}`])];
}

function remarkOnDropped(source: string, { rows, rowName }: Table, kept: readonly number[]): string[] {
  if (kept.length === rows) return [];
  const all = new Set(kept);
  const gone = [...Array(rows).keys()].filter((row) => !all.has(row));
  return [
    `${lastPart(source)}: ${gone.length} of ${rows} rows lack a value and are left out: ${listed(gone.map(rowName))}`,
  ];
}

const listed = (names: readonly string[]): string =>
  names.length > SHOWN ? `${names.slice(0, SHOWN).join(", ")} and ${names.length - SHOWN} more` : names.join(", ");
