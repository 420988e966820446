import { ReparamError } from "../errors.ts";
import { type BenchReport, type KernelResult, keyOf } from "./report.ts";
import type { Spread } from "./statistics.ts";

/** How one kernel's time compares with an earlier one. */
export interface Verdict {
  readonly verdict: "faster" | "slower" | "same" | "new";
  /** Median now / median then; missing where it was not timed then. */
  readonly ratio?: number;
}

export interface Comparison {
  /** By `keyOf` of the kernels that were timed now. */
  readonly kernels: Readonly<Record<string, Verdict>>;
  /** What makes the verdicts doubtful, in words. */
  readonly doubts: readonly string[];
}

/** Less than this is no change that a person could use, however quiet the machine. */
const LEAST_CHANGE = 1.03;

/** A change counts only where the middle 80 % of the samples do not overlap. */
export function compareSpreads(now: Spread, before: Spread): Verdict {
  const ratio = now.median / before.median;
  if (now.p10 > before.p90 && ratio > LEAST_CHANGE) return { verdict: "slower", ratio };
  if (now.p90 < before.p10 && ratio < 1 / LEAST_CHANGE) return { verdict: "faster", ratio };
  return { verdict: "same", ratio };
}

/** Compares a report with an earlier one of the same adapter. Throws ReparamError "usage" for another adapter's. */
export function compareReports(now: BenchReport, before: BenchReport): Comparison {
  checkAdapter(now.adapterName, before);
  const earlier = new Map(before.kernels.map((result) => [keyOf(result), result]));
  const kernels = now.kernels.flatMap((result): [string, Verdict][] => {
    if (!result.time) return [];
    const then = earlier.get(keyOf(result))?.time;
    return [[keyOf(result), then ? compareSpreads(result.time, then) : { verdict: "new" }]];
  });
  return { kernels: Object.fromEntries(kernels), doubts: doubtsOf(now, before) };
}

export function checkAdapter(adapterName: string, before: BenchReport): void {
  if (adapterName === before.adapterName) return;
  throw new ReparamError(
    "usage",
    `The baseline was measured on ${before.adapterName}, and this adapter is ${adapterName}: their times say nothing of each other.`,
  );
}

function doubtsOf(now: BenchReport, before: BenchReport): string[] {
  const doubts: string[] = [];
  if (now.clock !== before.clock) doubts.push(`The baseline was timed by ${before.clock}, this run by ${now.clock}.`);
  for (const [name, key] of [
    ["multiply-add", "flopsPerSecond"],
    ["copy", "bytesPerSecond"],
  ] as const) {
    const [a, b] = [now.ceilings?.[key], before.ceilings?.[key]];
    if (!a || !b || compareSpreads(a, b).verdict === "same") continue;
    const percent = Math.round(100 * (a.median / b.median - 1));
    doubts.push(
      `The machine itself changed: its ${name} ceiling moved by ${percent > 0 ? "+" : "−"}${Math.abs(percent)} %.`,
    );
  }
  return doubts;
}

/** Reads a report that `reparam bench --json` printed. Throws ReparamError "usage" that names `source`. */
export function parseReport(text: string, source: string): BenchReport {
  try {
    const report = JSON.parse(text) as BenchReport;
    const whole = report.version === 1 && typeof report.adapterName === "string" && report.kernels.every(isResult);
    if (whole) return report;
  } catch {}
  throw new ReparamError("usage", `${source} is no report of \`reparam bench --json\`.`);
}

const isResult = ({ kernel, variant, shape, time }: KernelResult): boolean =>
  [kernel, variant, shape].every((text) => typeof text === "string") &&
  (time === undefined || [time.median, time.p10, time.p90].every((seconds) => seconds > 0));
