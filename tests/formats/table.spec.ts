import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { decodeTable, isMissing, MAX_TABLE_BYTES, transposed } from "../../src/formats/table.ts";
import { damaged, damages, readOrRefused } from "./corruption.ts";

const read = (text: string, header?: boolean) => decodeTable(new TextEncoder().encode(text), "a.csv", header);

/** The cells of a table, as they would be written. */
function cellsOf({ rows, columns, numbers, words }: ReturnType<typeof read>): string[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => words.get(column)?.[row] ?? String(numbers[row * columns + column])),
  );
}

test("commas, semicolons, tabs and spaces divide cells", () => {
  const expected = [
    ["1", "-2.5", "0.003"],
    ["4", "5", "6"],
  ];
  for (const text of [
    "1,-2.5,3e-3\n4,5,6\n",
    "1;-2.5;3e-3\r\n4;5;6",
    "1\t-2.5\t3E-3\n4\t5\t6\n",
    "  1  -2.5 3e-3\n 4 5   6 \n",
  ]) {
    expect(cellsOf(read(text))).toEqual(expected);
  }
  // What the first two lines have equally often: not the commas in names.
  const named = read("id;a, b;c\n1;2;3\n4;5;6\n");
  expect(named.names).toEqual(["id", "a, b", "c"]);
  expect(cellsOf(named)).toEqual([
    ["1", "2", "3"],
    ["4", "5", "6"],
  ]);
});

test("quotes hide commas, line breaks and quotes, as RFC 4180 says", () => {
  const table = read('name,value\n"a, b",1\n"say ""x""",2\n"two\nlines",3\nplain,"4"\n');
  expect(table.names).toEqual(["name", "value"]);
  expect(cellsOf(table)).toEqual([
    ["a, b", "1"],
    ['say "x"', "2"],
    ["two\nlines", "3"],
    ["plain", "4"],
  ]);
  expect(() => read('a,b\n"1,2\n3,4\n')).toThrow(
    'a.csv is not a usable table: it has an odd number of quotes ("): one is not closed.',
  );
});

test("a header is a first row with words above numbers, unless somebody says so", () => {
  expect(read("a,b\n1,2\n").names).toEqual(["a", "b"]);
  expect(read("5.1,3.5,setosa\n4.9,3,setosa\n").names).toBeUndefined();
  expect(read("id,2010,2011\n1,2,3\n").names).toEqual(["id", "2010", "2011"]);
  expect(read("2010,2011\n1,2\n").names).toBeUndefined();
  expect(read("2010,2011\n1,2\n", true).names).toEqual(["2010", "2011"]);
  expect(read("a,b\n1,2\n", false).rows).toBe(2);
  // A missing value is no name.
  expect(read("NA,1\n2,3\n").names).toBeUndefined();
});

test("what is no finite number keeps its text, and what stands for nothing is known", () => {
  const { numbers, words } = read("1,x,,NaN\n2,0x10,inf,1e999\n");
  expect(numbers).toEqual(Float64Array.of(1, NaN, NaN, NaN, 2, NaN, NaN, NaN));
  expect([...words]).toEqual([
    [1, ["x", "0x10"]],
    [2, ["", "inf"]],
    [3, ["NaN", "1e999"]],
  ]);
  for (const text of ["", "NA", "na", "#N/A", "NaN", "null", "None", "?"]) expect(isMissing(text)).toBe(true);
  for (const text of ["0", "inf", "-", "nano"]) expect(isMissing(text)).toBe(false);
});

test("empty lines are skipped and counted, and a last column of nothing is dropped", () => {
  const table = read("a,b,\n\n1,2,\n3,4,\n\n");
  expect(table.names).toEqual(["a", "b"]);
  expect(cellsOf(table)).toEqual([
    ["1", "2"],
    ["3", "4"],
  ]);
  expect([table.rowName(0), table.rowName(1)]).toEqual(["line 3", "line 4"]);
  expect(read("1,2,\n3,4,5\n").columns).toBe(3);
});

test("rows of unequal length, other text, and files without rows are refused with the line", () => {
  const refused: [Uint8Array, string][] = [
    [Buffer.from("a,b\n1,2\n1,2,3\n"), "line 3 has 3 cells, and line 1 has 2"],
    [Buffer.from("a,b\n1\n"), "line 2 has 1 cells, and line 1 has 2"],
    [Buffer.from(""), "it has no rows"],
    [Buffer.from("\n  \n"), "it has no rows"],
    [Buffer.from("gr\xf6\xdfe,b\n1,2\n", "latin1"), "it is not UTF-8 text; save it as CSV in UTF-8"],
    [
      { length: MAX_TABLE_BYTES + 1 } as Uint8Array,
      `it has ${MAX_TABLE_BYTES + 1} bytes of text, and at most ${MAX_TABLE_BYTES} are read; save it as .npy`,
    ],
  ];
  for (const [bytes, what] of refused)
    expect(() => decodeTable(bytes, "a.csv")).toThrow(`a.csv is not a usable table: ${what}.`);
});

test("gzipped files, a byte order mark and UTF-16 are read", () => {
  const text = "größe,b\n1,2\n";
  const expected = { names: ["größe", "b"], numbers: Float64Array.of(1, 2) };
  expect(decodeTable(gzipSync(text), "a.csv.gz")).toMatchObject(expected);
  expect(read(`\uFEFF${text}`)).toMatchObject(expected);
  expect(decodeTable(Buffer.from(`\uFEFF${text}`, "utf16le"), "a.csv")).toMatchObject(expected);
});

test("columns become rows, with the first column's words as names", () => {
  const genes = transposed(read("gene,s1,s2,s3\nBRCA,1,2,3\nTP53,4,,6\n"));
  expect(genes.names).toEqual(["BRCA", "TP53"]);
  expect(cellsOf(genes)).toEqual([
    ["1", "4"],
    ["2", ""],
    ["3", "6"],
  ]);
  expect(genes.rowName(1)).toBe("column s2");
  const plain = transposed(read("1,2,3\n4,5,6\n"));
  expect(cellsOf(plain)).toEqual([
    ["1", "4"],
    ["2", "5"],
    ["3", "6"],
  ]);
  expect([plain.names, plain.rowName(0)]).toEqual([["line 1", "line 2"], "column 1"]);
});

test("any table that is written is read, whatever its cells", () => {
  const cell = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.constant(""));
  const table = fc
    .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 5 }))
    .chain(([columns, rows]) =>
      fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
    );
  fc.assert(
    fc.property(table, (rows) => {
      // A first column of numbers, so that no line is empty and no header or last column is guessed.
      const numbered = rows.map((row, k) => [k, ...row, k]);
      const quoted = (value: string | number) => `"${String(value).replaceAll('"', '""')}"`;
      const found = read(`${numbered.map((row) => row.map(quoted).join(",")).join("\n")}\n`, false);
      const expected = numbered.map((row) =>
        row.map((value) => {
          const text = String(value).trim();
          return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
            ? String(Number(text))
            : text;
        }),
      );
      expect(cellsOf(found)).toEqual(expected);
    }),
  );
});

test("no damage gives anything but a table or one refusal", () => {
  const files = ["id,a,label\n1,0.5,x\n2,1.5,y\n", '"a, b";c\n1;2\n', "1 2 3\n4 5 6\n"].flatMap((text) => [
    new Uint8Array(Buffer.from(text)),
    new Uint8Array(gzipSync(text)),
  ]);
  fc.assert(
    fc.property(fc.constantFrom(...files), damages, (file, damage) => {
      const table = readOrRefused(() => decodeTable(damaged(file, damage), "a.csv"), "a.csv");
      if (!table) return true;
      const { rows, columns, numbers, words } = table;
      const isWord = (row: number, column: number) => words.get(column)?.[row] !== undefined;
      return (
        numbers.length === rows * columns &&
        numbers.every((value, i) => Number.isNaN(value) === isWord(Math.floor(i / columns), i % columns))
      );
    }),
    { numRuns: 300 },
  );
});
