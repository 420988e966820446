import { dsvFormat } from "d3-dsv";
import { ReparamError } from "../errors.ts";
import { gunzip, isGzip } from "./gzip.ts";

/** Cells in rows and columns. */
export interface Table {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns]; NaN where a cell is no finite number. */
  readonly numbers: Float64Array;
  /** By column, and there by row, the text of the cells that are no finite numbers. */
  readonly words: ReadonlyMap<number, readonly (string | undefined)[]>;
  /** What the columns are called, where the table says it. */
  readonly names?: readonly string[];
  /** What a row is called in a sentence, such as `line 3`. */
  readonly rowName: (row: number) => string;
}

/** More text is more than a string of JavaScript and its numbers should take. */
export const MAX_TABLE_BYTES = 2 ** 28;
const MAX_COLUMNS = 1_000_000;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const MISSING = /^(?:|na|#n\/a|n\/a|nan|null|none|\?)$/i;

/** Whether a cell's text stands for no value: empty, NA, NaN, null and the like. */
export const isMissing = (text: string): boolean => MISSING.test(text);

/**
 * Reads text of rows and columns, gzipped or not: cells between commas, semicolons, tabs, or where there are none of these
 * between spaces; quotes as in RFC 4180; UTF-8, or UTF-16 that says so. `header`: whether the first row has the columns'
 * names; undefined looks whether it has words above numbers. Empty lines are skipped, and so is a last column without a
 * name or value. Throws `data`, naming file and line, for rows of unequal length and for text that is none.
 */
export function decodeTable(bytes: Uint8Array, fileName: string, header?: boolean): Table {
  const refuse = (what: string): never => {
    throw new ReparamError("data", `${fileName} is not a usable table: ${what}.`);
  };
  const content = isGzip(bytes) ? gunzip(bytes, fileName, MAX_TABLE_BYTES) : bytes;
  if (content.length > MAX_TABLE_BYTES) {
    refuse(`it has ${content.length} bytes of text, and at most ${MAX_TABLE_BYTES} are read; save it as .npy`);
  }
  const { text, delimiter } = delimited(textOf(content, refuse));
  if (countOf('"', text) % 2 === 1) refuse('it has an odd number of quotes ("): one is not closed');

  // Rows wait until it is known whether the first is a header.
  const first: { cells: string[]; line: number }[] = [];
  let reader: TableReader | undefined;
  const read = (cells: string[], line: number) => {
    if (cells.length > MAX_COLUMNS)
      refuse(`line ${line} has ${cells.length} columns, and at most ${MAX_COLUMNS} are read`);
    reader?.add(cells, line);
    if (reader || first.push({ cells, line }) < 2) return;
    reader = createReader(first, header, refuse);
  };
  dsvFormat(delimiter).parseRows(text, (cells, index) => {
    if (cells.length > 1 || cells[0].trim() !== "") read(cells, index + 1);
  });
  if (first.length === 0) refuse("it has no rows");
  return (reader ?? createReader(first, header, refuse)).table();
}

function textOf(bytes: Uint8Array, refuse: (what: string) => never): string {
  const [first, second] = bytes;
  const wide =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : undefined;
  try {
    return new TextDecoder(wide ?? "utf-8", { fatal: true }).decode(bytes as Uint8Array<ArrayBuffer>);
  } catch {
    return refuse(`it is not ${wide ?? "UTF-8"} text; save it as CSV in UTF-8`);
  }
}

function countOf(mark: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) count++;
  return count;
}

/** What stands between cells: the first of tab, semicolon and comma that the first two lines have equally often. */
function delimited(text: string): { text: string; delimiter: string } {
  const lines = text
    .slice(0, 1_000_000)
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== "")
    .slice(0, 2)
    .map((line) => line.replace(/"[^"]*"/g, ""));
  const [head = ""] = lines;
  const found = ["\t", ";", ","].filter((mark) => head.includes(mark));
  const even = found.find((mark) => lines.every((line) => countOf(mark, line) === countOf(mark, head)));
  const delimiter = even ?? found.toSorted((a, b) => countOf(b, head) - countOf(a, head))[0];
  if (delimiter !== undefined || text.includes('"')) return { text, delimiter: delimiter ?? "," };
  return { text: text.replace(/^ +| +$/gm, "").replace(/ +/g, "\t"), delimiter: "\t" };
}

interface TableReader {
  add(cells: readonly string[], line: number): void;
  table(): Table;
}

/** Numbers are kept in blocks of about so many until all are read. */
const BLOCK = 2 ** 18;

function createReader(
  first: readonly { cells: string[]; line: number }[],
  header: boolean | undefined,
  refuse: (what: string) => never,
): TableReader {
  const columns = first[0].cells.length;
  const hasHeader = header ?? isHeader(first.map(({ cells }) => cells));
  const blockRows = Math.max(1, Math.floor(BLOCK / columns));
  const blocks: Float64Array[] = [];
  const words = new Map<number, (string | undefined)[]>();
  const lines: number[] = [];

  const add = (cells: readonly string[], line: number) => {
    if (cells.length !== columns) {
      refuse(`line ${line} has ${cells.length} cells, and line ${first[0].line} has ${columns}`);
    }
    const row = lines.push(line) - 1;
    if (row % blockRows === 0) blocks.push(new Float64Array(blockRows * columns));
    const block = blocks[blocks.length - 1];
    const start = (row % blockRows) * columns;
    for (let column = 0; column < columns; column++) {
      const text = cells[column].trim();
      const value = NUMBER.test(text) ? Number(text) : Number.NaN;
      block[start + column] = Number.isFinite(value) ? value : Number.NaN;
      if (Number.isFinite(value)) continue;
      const those = words.get(column) ?? [];
      words.set(column, those);
      those[row] = text;
    }
  };
  for (const { cells, line } of hasHeader ? first.slice(1) : first) add(cells, line);

  return {
    add,
    table() {
      const rows = lines.length;
      const numbers = new Float64Array(rows * columns);
      blocks.forEach((block, k) => {
        const start = k * blockRows * columns;
        numbers.set(block.subarray(0, numbers.length - start), start);
      });
      const names = hasHeader ? { names: first[0].cells.map((cell) => cell.trim()) } : {};
      const table = { rows, columns, numbers, words, ...names, rowName: (row: number) => `line ${lines[row]}` };
      return withoutEmptyLast(table);
    },
  };
}

/** A first row that has words where the second has numbers. */
const isHeader = ([names, values = []]: readonly (readonly string[])[]): boolean =>
  names.some((name, column) => {
    const text = name.trim();
    return !NUMBER.test(text) && !isMissing(text) && NUMBER.test((values[column] ?? "").trim());
  });

/** Lines that end in a delimiter have an empty cell behind it. */
function withoutEmptyLast(table: Table): Table {
  const { rows, columns, numbers, words, names } = table;
  const last = words.get(columns - 1);
  if (columns < 2 || (names?.[columns - 1] ?? "") !== "" || last === undefined) return table;
  for (let row = 0; row < rows; row++) if (last[row] !== "") return table;
  const kept = new Float64Array(rows * (columns - 1));
  for (let row = 0; row < rows; row++) {
    kept.set(numbers.subarray(row * columns, (row + 1) * columns - 1), row * (columns - 1));
  }
  const others = new Map([...words].filter(([column]) => column < columns - 1));
  return { ...table, columns: columns - 1, numbers: kept, words: others, ...(names && { names: names.slice(0, -1) }) };
}

/** The columns as rows. Where the first column has words only, they are the names of the new columns. */
export function transposed(table: Table): Table {
  const { rows, columns, numbers, words, names, rowName } = table;
  const named = [...Array(rows).keys()].every((row) => words.get(0)?.[row] !== undefined);
  const skipped = named ? 1 : 0;
  const count = columns - skipped;
  const turned = new Float64Array(count * rows);
  const turnedWords = new Map<number, (string | undefined)[]>();
  for (let row = 0; row < count; row++) {
    const column = row + skipped;
    const own = words.get(column);
    for (let k = 0; k < rows; k++) {
      turned[row * rows + k] = numbers[k * columns + column];
      if (own?.[k] === undefined) continue;
      const those = turnedWords.get(k) ?? [];
      turnedWords.set(k, those);
      those[row] = own[k];
    }
  }
  return {
    rows: count,
    columns: rows,
    numbers: turned,
    words: turnedWords,
    names: named ? [...Array(rows).keys()].map((row) => words.get(0)![row]!) : [...Array(rows).keys()].map(rowName),
    rowName: (row) => `column ${names?.[row + skipped] || row + skipped + 1}`,
  };
}
