import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { createPipelineCache } from "../gpu/pipelines.ts";
import { type Clock, openClock, repeatsFor } from "../timing/clock.ts";
import { Patience } from "../timing/patience.ts";
import { type Spread, spreadOf } from "../timing/statistics.ts";
import { adapterNameOf } from "./adapter-name.ts";
import type { Bench, BenchCase, Prepared } from "./case.ts";
import { copyCases, multiplyAddCases } from "./ceilings.ts";
import { failureOf } from "./failure.ts";
import { type BenchReport, type Ceilings, type KernelResult, keyOf, timingOf, totalOf, type Work } from "./report.ts";

export interface BenchmarkOptions {
  /** Samples a kernel, taken in turns with all others so that a slow spell of the machine falls on all; 15 by default. */
  readonly rounds?: number;
  /** A launch that takes longer is given up; 30 by default. */
  readonly timeoutSeconds?: number;
  /** Told what goes on, a line at a time. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** A case on its way through the benchmark. */
interface Entry {
  readonly name: BenchCase;
  readonly prepared?: Prepared;
  /** Set where it is not to be timed. */
  refused?: Pick<KernelResult, "status" | "problem">;
  repeats: number;
  readonly samples: number[];
}

/**
 * Checks every case, then times those that are right, in interleaved rounds with the two ceilings. Never throws for a
 * kernel that is at fault: its result says what is wrong. Throws ReparamError "aborted" when `signal` aborts.
 */
export async function runCases(
  device: Device,
  cases: readonly BenchCase[],
  { rounds = 15, timeoutSeconds = 30, onProgress = () => {}, signal }: BenchmarkOptions = {},
): Promise<BenchReport> {
  const patience = new Patience(device, 1000 * timeoutSeconds);
  const bench: Bench = { device, pipelines: createPipelineCache(device), patience };
  const { limits } = device.gpu;
  const largest = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const arithmetic = multiplyAddCases(device.profile);
  const copies = copyCases(device.profile, largest);
  const entries: Entry[] = [];
  let gone: ReparamError | undefined;
  let clock: Clock | undefined;
  try {
    for (const name of [...arithmetic, ...copies, ...cases]) {
      stopIfAborted(signal);
      onProgress(`checking ${keyOf(name)}`);
      entries.push(await prepare(name));
    }
    const probe = entries.find(({ prepared, refused }) => prepared && !refused);
    if (!gone && probe)
      await attempt(probe, async () => void (clock = await openClock(device, patience, probe.prepared!.encode)));
    for (const entry of ready()) {
      await attempt(entry, async () => void (entry.repeats = await repeatsFor(clock!, entry.prepared!.encode)));
    }
    for (let round = 1; round <= rounds; round++) {
      onProgress(`round ${round} of ${rounds}`);
      for (const entry of ready()) {
        stopIfAborted(signal);
        await attempt(entry, async () => {
          entry.samples.push((await clock!.time(entry.prepared!.encode, entry.repeats)) / entry.repeats);
        });
      }
    }
    const ceilings = ceilingsOf();
    return {
      version: 1,
      adapter: device.adapter,
      adapterName: adapterNameOf(device.adapter),
      clock: clock?.kind ?? "wall clock",
      rounds,
      ceilings,
      kernels: entries.slice(arithmetic.length + copies.length).map((entry) => resultOf(entry, ceilings)),
      hung: patience.hung,
    };
  } finally {
    // Freeing what a hung GPU still uses could wait for it for ever.
    if (!patience.hung) {
      clock?.dispose();
      for (const { prepared } of entries) prepared?.dispose();
    }
  }

  async function prepare(name: BenchCase): Promise<Entry> {
    const samples: number[] = [];
    if (gone) return { name, repeats: 1, samples, refused: { status: "skipped", problem: gone.message } };
    try {
      const prepared = await name.prepare(bench);
      const { problem } = prepared.verdict;
      return { name, prepared, repeats: 1, samples, refused: problem ? { status: "wrong", problem } : undefined };
    } catch (error) {
      return { name, repeats: 1, samples, refused: await failure(error) };
    }
  }

  /** What can still be timed. */
  function ready(): Entry[] {
    return gone || !clock ? [] : entries.filter(({ refused }) => !refused);
  }

  async function attempt(entry: Entry, step: () => Promise<void>): Promise<void> {
    if (gone) return;
    try {
      await step();
    } catch (error) {
      entry.refused = await failure(error);
    }
  }

  /** A kernel's error in words; remembers whether the device went with it. Throws what is neither. */
  async function failure(error: unknown): Promise<NonNullable<Entry["refused"]>> {
    const found = await failureOf(bench, error);
    if (found.gone) gone = new ReparamError("device", "The device was gone after a kernel before it.");
    return { status: "failed", problem: found.problem };
  }

  function ceilingsOf(): Ceilings | undefined {
    const best = (from: number, to: number, workOf: (work: Work) => number): Spread | undefined => {
      const rates = entries.slice(from, to).flatMap(({ prepared, refused, samples }) => {
        if (!prepared || refused || samples.length === 0) return [];
        return [spreadOf(samples.map((seconds) => workOf(totalOf(prepared.parts)) / seconds))];
      });
      return rates.sort((a, b) => b.median - a.median)[0];
    };
    const flopsPerSecond = best(0, arithmetic.length, ({ flops }) => flops);
    const bytesPerSecond = best(arithmetic.length, arithmetic.length + copies.length, ({ bytes }) => bytes);
    return flopsPerSecond && bytesPerSecond && { flopsPerSecond, bytesPerSecond };
  }
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ReparamError("aborted", "The benchmark was interrupted.");
}

function resultOf({ name, prepared, refused, repeats, samples }: Entry, ceilings: Ceilings | undefined): KernelResult {
  const { kernel, variant, shape } = name;
  const parts = prepared?.parts ?? [];
  const timed = !refused && ceilings && samples.length > 0;
  return {
    kernel,
    variant,
    shape,
    ...(refused ??
      (timed ? { status: "ok" } : { status: "skipped", problem: "The device was gone before it was timed." })),
    notes: prepared?.verdict.notes ?? [],
    maxRelativeError: prepared?.verdict.maxRelativeError ?? null,
    ...totalOf(parts),
    ...(timed && { time: timingOf(spreadOf(samples), repeats, parts, ceilings) }),
  };
}
