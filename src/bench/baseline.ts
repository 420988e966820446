import { ReparamError } from "../errors.ts";
import type { Spread } from "../timing/statistics.ts";
import { type BenchReport, type Ceilings, type KernelResult, keyOf } from "./report.ts";

/** How one kernel's time compares with an earlier one. */
export interface Verdict {
  readonly verdict: "faster" | "slower" | "same" | "new";
  /** Median now, corrected where the machine changed, / median then; missing where it was not timed then. */
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
/** The same where the machine itself changed: what it does to one kernel is only about what it does to another. */
const LEAST_CHANGE_IF_MOVED = 1.25;

/** A change counts only where the middle 80 % of the samples do not overlap. */
export function compareSpreads(now: Spread, before: Spread, least = LEAST_CHANGE): Verdict {
  const ratio = now.median / before.median;
  if (now.p10 > before.p90 && ratio > least) return { verdict: "slower", ratio };
  if (now.p90 < before.p10 && ratio < 1 / least) return { verdict: "faster", ratio };
  return { verdict: "same", ratio };
}

/**
 * Compares a report with an earlier one of the same adapter. Where a ceiling moved, the machine is another (a core less,
 * a lower clock), and times are corrected by that before they are compared.
 * Throws ReparamError "usage" for another adapter's report.
 */
export function compareReports(now: BenchReport, before: BenchReport): Comparison {
  checkAdapter(now.adapterName, before);
  const earlier = new Map(before.kernels.map((result) => [keyOf(result), result]));
  const moves = { "multiply-add": moveOf("flopsPerSecond", now, before), copy: moveOf("bytesPerSecond", now, before) };
  const kernels = now.kernels.flatMap((result): [string, Verdict][] => {
    if (!result.time) return [];
    const then = earlier.get(keyOf(result))?.time;
    const move = moves[result.time.bound];
    const corrected = scaled(result.time, move ?? 1);
    const least = move === undefined ? LEAST_CHANGE : LEAST_CHANGE_IF_MOVED;
    return [[keyOf(result), then ? compareSpreads(corrected, then, least) : { verdict: "new" }]];
  });
  const doubts = Object.entries(moves).flatMap(([name, move]) => {
    if (move === undefined) return [];
    const percent = Math.round(100 * (move - 1));
    const size = `${percent > 0 ? "+" : "−"}${Math.abs(percent)} %`;
    return [
      `The machine itself changed: its ${name} ceiling moved by ${size}. Verdicts are of times corrected by that.`,
    ];
  });
  if (now.clock !== before.clock) doubts.push(`The baseline was timed by ${before.clock}, this run by ${now.clock}.`);
  return { kernels: Object.fromEntries(kernels), doubts };
}

/** A ceiling now / then, where it moved outside the noise. */
function moveOf(ceiling: keyof Ceilings, now: BenchReport, before: BenchReport): number | undefined {
  const [a, b] = [now.ceilings?.[ceiling], before.ceilings?.[ceiling]];
  return a && b && compareSpreads(a, b).verdict !== "same" ? a.median / b.median : undefined;
}

const scaled = ({ median, p10, p90 }: Spread, factor: number): Spread => ({
  median: median * factor,
  p10: p10 * factor,
  p90: p90 * factor,
});

export function checkAdapter(adapterName: string, before: BenchReport): void {
  if (adapterName === before.adapterName) return;
  throw new ReparamError(
    "usage",
    `The baseline was measured on ${before.adapterName}, and this adapter is ${adapterName}: their times say nothing of each other.`,
  );
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
