// Rounds → medians, ratios and a table a problem.

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/**
 * entries: [{ key, name, first, check, repeats, rates: steps or launches a second, of each round }]
 * Ratios are medians of the rounds' own ratios: neighbours in time share the machine's mood, medians of all rounds do not.
 */
export function summarise(entries, { flops }) {
  return entries.map((entry) => {
    const median = quantile(entry.rates, 0.5);
    return {
      ...entry,
      median,
      p10: quantile(entry.rates, 0.1),
      p90: quantile(entry.rates, 0.9),
      ...(flops && { flopsPerSecond: median * flops }),
      ratioTo: Object.fromEntries(
        entries.map((other) => [
          other.key,
          quantile(
            entry.rates.map((rate, round) => rate / other.rates[round]),
            0.5,
          ),
        ]),
      ),
    };
  });
}

/** What a problem's columns are, beside the rates and the ratios. */
const columns = {
  training: [
    ["first loss", ({ first }) => first.toFixed(2)],
    ["loss at check", ({ check }) => check.toFixed(2)],
    ["last loss", ({ last }) => last.toFixed(2)],
    ["steps", ({ total }) => String(total)],
  ],
  kernel: [
    ["GFLOP/s", ({ flopsPerSecond }) => (flopsPerSecond / 1e9).toPrecision(3)],
    ["mean |result|", ({ check }) => check.toFixed(5)],
    ["launches", ({ total }) => String(total)],
  ],
};

/** problem: { name, kind, results, unable: [{ name, reason }] } */
export function table({ name, kind, results, unable }) {
  const header = [
    name,
    kind === "training" ? "steps/s" : "launches/s",
    "p10",
    "p90",
    ...columns[kind].map(([title]) => title),
    ...results.map((other) => `÷ ${other.key}`),
  ];
  const rows = results.map((result) => [
    result.name,
    ...[result.median, result.p10, result.p90].map((rate) => rate.toPrecision(3)),
    ...columns[kind].map(([, text]) => text(result)),
    ...results.map((other) => result.ratioTo[other.key].toPrecision(3)),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length)));
  const lines = [header, ...rows].map((row) =>
    row.map((cell, c) => (c ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))).join("  "),
  );
  return [...lines, ...unable.map((entry) => `${entry.name} is missing: ${entry.reason}`)].join("\n");
}
