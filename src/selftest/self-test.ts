import { adapterNameOf } from "../bench/adapter-name.ts";
import type { Bench, BenchCase } from "../bench/case.ts";
import { failureOf } from "../bench/failure.ts";
import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { pipelinesOf } from "../gpu/pipelines.ts";
import { Patience } from "../timing/patience.ts";
import { selfTestParts } from "./cases.ts";
import type { SelfTestReport, SelfTestRow } from "./report.ts";

export interface SelfTestOptions {
  /** Told after every row. */
  readonly onProgress?: (progress: SelfTestProgress) => void;
  readonly signal?: AbortSignal;
  /** A launch that takes longer is given up, and what would come after it is not run; 60 by default. */
  readonly timeoutSeconds?: number;
}

export interface SelfTestProgress {
  readonly done: number;
  readonly total: number;
  /** The row that was just found. */
  readonly row: SelfTestRow;
}

/**
 * Runs every kernel that the device may be given against its float64 reference. A kernel that is at fault is a row that
 * says so, and so is what could not be run after the device was lost. Works in slices of a few milliseconds, so that a page
 * stays alive meanwhile. The device stays the caller's.
 *
 * @throws ReparamError "aborted" when `signal` aborts.
 */
export async function selfTest(device: Device, options: SelfTestOptions = {}): Promise<SelfTestReport> {
  const cases: BenchCase[] = [];
  for (const part of selfTestParts(device.profile)) {
    cases.push(...part());
    await nextTurn();
  }
  return runSelfTest(device, cases, options);
}

/** Gives a page its thread back. */
const nextTurn = () => new Promise((resolve) => setTimeout(resolve));

/** The same of given cases. */
export async function runSelfTest(
  device: Device,
  cases: readonly BenchCase[],
  { onProgress = () => {}, signal, timeoutSeconds = 60 }: SelfTestOptions,
): Promise<SelfTestReport> {
  const patience = new Patience(device, 1000 * timeoutSeconds);
  const bench: Bench = { device, patience, pipelines: pipelinesOf(device) };
  const rows: SelfTestRow[] = [];
  let gone = false;
  for (const made of cases) {
    if (signal?.aborted) throw new ReparamError("aborted", "The self-test was interrupted.");
    const row = gone
      ? rowOf(made, { reason: "Not run: the device was gone after a kernel before it." })
      : await run(made);
    rows.push(row);
    onProgress({ done: rows.length, total: cases.length, row });
    // The reference of this case and the plan of the next one are two turns of a page, not one.
    await nextTurn();
  }
  return {
    version: 1,
    adapter: device.adapter,
    adapterName: adapterNameOf(device.adapter),
    features: [...device.gpu.features].sort(),
    limits: limitsOf(device.gpu),
    rows,
    ok: rows.every(({ ok }) => ok),
    hung: patience.hung,
  };

  async function run(made: BenchCase): Promise<SelfTestRow> {
    try {
      const { verdict, dispose } = await made.prepare(bench);
      dispose();
      return rowOf(made, { error: verdict.maxRelativeError, bound: verdict.tolerance, reason: verdict.problem });
    } catch (error) {
      const failure = await failureOf(bench, error);
      gone = failure.gone;
      return rowOf(made, { reason: failure.problem });
    }
  }
}

const rowOf = (
  { kernel, variant, shape }: BenchCase,
  { error = null, bound = null, reason }: Partial<Pick<SelfTestRow, "error" | "bound" | "reason">>,
): SelfTestRow => ({
  kernel,
  variant,
  shape,
  error,
  bound,
  ok: reason === undefined,
  ...(reason !== undefined && { reason }),
});

/** What an app may ask a device for, as plain numbers. */
function limitsOf({ limits }: GPUDevice): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name in limits) {
    const value = limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") found[name] = value;
  }
  return found;
}
