import { expect, test } from "@playwright/test";
import { encodeCsv } from "../../src/formats/csv.ts";

test("a line a row, commas between cells, and quotes around what needs them", () => {
  const rows = [
    ["plain", 1.5, "a, b"],
    ['"', "two\nlines", ""],
  ];
  expect(encodeCsv(rows)).toBe('plain,1.5,"a, b"\n"""","two\nlines",\n');
  expect(encodeCsv([])).toBe("");
});
