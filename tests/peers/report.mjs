// Rounds → medians, ratios and a table.

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/**
 * entries: [{ key, name, firstLoss, checkLoss, lastLoss, stepsPerRound, rates: steps/s of each round }]
 * Ratios are medians of the rounds' own ratios: neighbours in time share the machine's mood, medians of all rounds do not.
 */
export function summarise(entries) {
  return entries.map((entry) => ({
    ...entry,
    median: quantile(entry.rates, 0.5),
    p10: quantile(entry.rates, 0.1),
    p90: quantile(entry.rates, 0.9),
    ratioTo: Object.fromEntries(
      entries.map((other) => [
        other.key,
        quantile(
          entry.rates.map((rate, round) => rate / other.rates[round]),
          0.5,
        ),
      ]),
    ),
  }));
}

export function table(results) {
  const header = [
    "",
    "steps/s",
    "p10",
    "p90",
    "first loss",
    "loss at check",
    "last loss",
    "steps",
    ...results.map((other) => `÷ ${other.key}`),
  ];
  const rows = results.map((result) => [
    result.name,
    ...[result.median, result.p10, result.p90].map((rate) => rate.toPrecision(3)),
    ...[result.firstLoss, result.checkLoss, result.lastLoss].map((loss) => loss.toFixed(2)),
    String(result.totalSteps),
    ...results.map((other) => result.ratioTo[other.key].toPrecision(3)),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length)));
  return [header, ...rows]
    .map((row) => row.map((cell, c) => (c ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))).join("  "))
    .join("\n");
}
