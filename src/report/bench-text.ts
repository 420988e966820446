import type { Verdict } from "../bench/baseline.ts";
import { type BenchReport, type KernelResult, keyOf } from "../bench/report.ts";

/** Three digits and a unit: 1.23 ms. */
export function formatSeconds(seconds: number): string {
  for (const [unit, size] of [
    ["s", 1],
    ["ms", 1e-3],
    ["µs", 1e-6],
  ] as const) {
    if (seconds >= size) return `${threeDigits(seconds / size)} ${unit}`;
  }
  return `${threeDigits(seconds / 1e-9)} ns`;
}

/** Billions a second, in three digits. */
export const formatGiga = (perSecond: number): string => (perSecond === 0 ? "–" : threeDigits(perSecond / 1e9));

export const formatError = ({ status, maxRelativeError }: KernelResult): string => {
  if (status === "wrong") return "WRONG";
  if (status !== "ok") return status.toUpperCase();
  return maxRelativeError === null ? "unchecked" : maxRelativeError === 0 ? "exact" : maxRelativeError.toExponential(1);
};

export const formatPercent = (fraction: number): string => `${(100 * fraction).toFixed(fraction < 0.1 ? 1 : 0)} %`;

/** "1.20x slower", "same", "new". */
export function formatVerdict(verdict: Verdict | undefined): string {
  if (!verdict) return "";
  const { ratio } = verdict;
  if (verdict.verdict === "slower") return `${ratio!.toFixed(2)}x slower`;
  if (verdict.verdict === "faster") return `${(1 / ratio!).toFixed(2)}x faster`;
  return verdict.verdict;
}

/** How the times were taken, and what the adapter can do at most. */
export function describeMethod({ clock, rounds, ceilings }: BenchReport): string {
  const method = `${clock === "timestamps" ? "timestamps of the adapter" : "wall clock"}, ${rounds} interleaved rounds`;
  if (!ceilings) return `${method}; no ceilings were measured`;
  const { flopsPerSecond, bytesPerSecond } = ceilings;
  return (
    `${method}; ceilings measured in the same rounds: ` +
    `${formatGiga(flopsPerSecond.median)} GFLOP/s multiply-add, ${formatGiga(bytesPerSecond.median)} GB/s copy`
  );
}

/** What is wrong or worth knowing: each remark once, after the kernels that it is about. */
export function remarksOf(kernels: readonly KernelResult[]): { text: string; bad: boolean }[] {
  const about = new Map<string, { names: string[]; bad: boolean }>();
  for (const result of kernels) {
    const remarks = [...(result.problem ? [result.problem] : []), ...result.notes];
    for (const remark of remarks) {
      const entry = about.get(remark) ?? { names: [], bad: remark === result.problem };
      entry.names.push(keyOf(result));
      about.set(remark, entry);
    }
  }
  return [...about].map(([remark, { names, bad }]) => ({ text: `${names.join(", ")}: ${remark}`, bad }));
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}
