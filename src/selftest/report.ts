import { alignColumns } from "../columns.ts";
import type { AdapterDescription } from "../gpu/device.ts";

/** One kernel at one shape. */
export interface SelfTestRow {
  readonly kernel: string;
  /** How it was computed, or which function. */
  readonly variant: string;
  readonly shape: string;
  /** The largest |value − exact| / max(|exact|, rms of the exact values); null where it did not run, or is not finite. */
  readonly error: number | null;
  /** The largest error that is taken for rounding; null where it did not run. */
  readonly bound: number | null;
  readonly ok: boolean;
  /** What is wrong, in a sentence. */
  readonly reason?: string;
}

/** One self-test, as plain data. */
export interface SelfTestReport {
  readonly version: 1;
  readonly adapter: AdapterDescription;
  /** The adapter in words; says so where it is software. */
  readonly adapterName: string;
  /** Of the device, sorted. */
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly rows: readonly SelfTestRow[];
  /** Whether every row is. */
  readonly ok: boolean;
  /** True where the GPU may still be at work on a launch that did not end: the device is of no more use. */
  readonly hung: boolean;
}

/** A self-test as text for a bug report: the adapter, a table, and what is wrong. */
export function selfTestText({ adapterName, features, limits, rows }: SelfTestReport): string {
  const wrong = rows.filter(({ ok }) => !ok);
  const figure = (value: number | null) => (value === null ? "" : value === 0 ? "exact" : value.toExponential(1));
  const table = alignColumns([
    ["kernel", "variant", "shape", "error", "bound", ""],
    ...rows.map(({ kernel, variant, shape, error, bound, ok }) => [
      ...[kernel, variant, shape, figure(error), figure(bound), ok ? "ok" : "WRONG"],
    ]),
  ]);
  return [
    `adapter   ${adapterName}`,
    `features  ${features.join(", ") || "none"}`,
    ...Object.entries(limits)
      .filter(([name]) => LIMITS.has(name))
      .map(([name, value]) => `limit     ${name} ${value}`),
    "",
    ...table,
    "",
    wrong.length === 0
      ? `All ${rows.length} cases agree with float64.`
      : `${wrong.length} of ${rows.length} cases do not agree with float64, or did not run:`,
    ...wrong.map(
      ({ kernel, variant, shape, reason }) => `- ${[kernel, variant, shape].filter(Boolean).join(" ")}: ${reason}`,
    ),
  ].join("\n");
}

/** The limits that decide which kernels run, and how. */
const LIMITS = new Set([
  ...["maxBufferSize", "maxStorageBufferBindingSize", "maxStorageBuffersPerShaderStage"],
  ...["maxComputeInvocationsPerWorkgroup", "maxComputeWorkgroupStorageSize", "maxComputeWorkgroupsPerDimension"],
]);
