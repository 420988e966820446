import type { Comparison } from "../bench/baseline.ts";
import { type BenchReport, keyOf } from "../bench/report.ts";
import {
  describeMethod,
  formatError,
  formatGiga,
  formatPercent,
  formatSeconds,
  formatVerdict,
  remarksOf,
} from "../report/bench-text.ts";

/** The report for people: what and how, the table, then what is wrong or worth knowing. */
export function benchTable(report: BenchReport, host: string, comparison?: Comparison): string {
  const header = ["kernel", "variant", "shape", "error", "median", "p10", "p90", "GFLOP/s", "GB/s", "roofline"];
  const rows = report.kernels.map((result) => {
    const { kernel, variant, shape, time } = result;
    const named = [kernel, variant, shape, formatError(result)];
    const verdict = comparison ? [formatVerdict(comparison.kernels[keyOf(result)])] : [];
    if (!time) return [...named, "", "", "", "", "", "", ...verdict];
    const seconds = [time.median, time.p10, time.p90].map(formatSeconds);
    const rates = [formatGiga(time.flopsPerSecond), formatGiga(time.bytesPerSecond), formatPercent(time.roofline)];
    return [...named, ...seconds, ...rates, ...verdict];
  });
  const remarks = remarksOf(report.kernels).map(({ text }) => text);
  return [
    `${report.adapterName}, ${host}`,
    describeMethod(report),
    "",
    ...align(comparison ? [...header, "baseline"] : header, rows),
    ...(remarks.length > 0 ? ["", ...remarks] : []),
    ...(comparison && comparison.doubts.length > 0 ? ["", ...comparison.doubts] : []),
  ].join("\n");
}

/** Names to the left, figures to the right; a column that is empty throughout is left out. */
function align(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const used = header.map((_, k) => rows.some((row) => row[k] !== ""));
  const widths = header.map((title, k) => Math.max(title.length, ...rows.map((row) => row[k].length)));
  const line = (cells: readonly string[]) =>
    cells
      .flatMap((cell, k) => (used[k] ? [k < 3 || k === 10 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])] : []))
      .join("  ")
      .trimEnd();
  return [line(header), ...rows.map(line)];
}
