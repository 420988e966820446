/** A number with three digits and its SI prefix, ready for a unit: `siNumber(2.6e6)` is "2.60 M". */
export function siNumber(value: number): string {
  for (const [unit, size] of [
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (value >= size) return `${(value / size).toPrecision(3)} ${unit}`;
  }
  return `${value} `;
}
