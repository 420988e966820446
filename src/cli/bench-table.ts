import type { Comparison } from "../bench/baseline.ts";
import { type BenchReport, type KernelResult, keyOf } from "../bench/report.ts";
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
  const remarks = remarksOf(report.kernels).map(({ text }) => text);
  return [
    `${report.adapterName}, ${host}`,
    describeMethod(report),
    "",
    ...(report.plan ? planLines(report, comparison) : kernelLines(report, comparison)),
    ...(remarks.length > 0 ? ["", ...remarks] : []),
    ...(comparison && comparison.doubts.length > 0 ? ["", ...comparison.doubts] : []),
  ].join("\n");
}

const rates = ({ time }: KernelResult): string[] =>
  time
    ? [formatGiga(time.flopsPerSecond), formatGiga(time.bytesPerSecond), formatPercent(time.roofline)]
    : ["", "", ""];

const verdictOf = (result: KernelResult, comparison: Comparison | undefined): string =>
  comparison ? formatVerdict(comparison.kernels[keyOf(result)]) : "";

function kernelLines({ kernels }: BenchReport, comparison?: Comparison): string[] {
  const columns = "<kernel <variant <shape error median p10 p90 GFLOP/s GB/s roofline <baseline".split(" ");
  const rows = kernels.map((result) => {
    const { kernel, variant, shape, time } = result;
    const seconds = time ? [time.median, time.p10, time.p90].map(formatSeconds) : ["", "", ""];
    return [kernel, variant, shape, formatError(result), ...seconds, ...rates(result), verdictOf(result, comparison)];
  });
  return align(columns, rows);
}

/** The launches of a plan in their order, the whole step, and the sums of the two families. */
function planLines({ kernels, plan }: BenchReport, comparison?: Comparison): string[] {
  const columns = "launch <kernel <shape median share GFLOP/s GB/s roofline <baseline <computes".split(" ");
  const rows = kernels.map((result, index) => {
    const { kernel, variant, shape, time, share } = result;
    const number = index < kernels.length - 1 ? String(index + 1) : "";
    const median = time ? formatSeconds(time.median) : result.status.toUpperCase();
    const part = share === undefined ? "" : formatPercent(share);
    return [number, kernel, shape, median, part, ...rates(result), verdictOf(result, comparison), variant];
  });
  const sums = plan!.families.map(
    ({ name, launches, seconds, share }) =>
      `${name}: ${formatPercent(share)} of the launches' time, ${formatSeconds(seconds)} in ${launches}`,
  );
  return [...align(columns, rows), "", ...sums];
}

/** Names, whose title has a "<", to the left, figures to the right; a column that is empty throughout is left out. */
function align(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map((column) => column.replace("<", ""));
  const used = columns.map((_, k) => rows.some((row) => row[k] !== ""));
  const widths = titles.map((title, k) => Math.max(title.length, ...rows.map((row) => row[k].length)));
  const line = (cells: readonly string[]) =>
    cells
      .flatMap((cell, k) => {
        if (!used[k]) return [];
        return [columns[k].startsWith("<") ? cell.padEnd(widths[k]) : cell.padStart(widths[k])];
      })
      .join("  ")
      .trimEnd();
  return [line(titles), ...rows.map(line)];
}
