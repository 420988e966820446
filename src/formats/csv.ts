/** Rows of cells as CSV (RFC 4180): commas between them, a line each, quotes around text that needs them. */
export function encodeCsv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((cells) => `${cells.map(cell).join(",")}\n`).join("");
}
