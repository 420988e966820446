import { type GpuFigures, type PredictedStep, predictStep } from "../bench/predict.ts";
import { alignColumns } from "../columns.ts";
import { presets } from "../config/presets.ts";
import { ReparamError } from "../errors.ts";
import { formatPercent, formatSeconds } from "../report/bench-text.ts";
import { siNumber } from "../units.ts";
import { type BenchOptions, checkPreset } from "./bench-options.ts";
import type { Services } from "./services.ts";

/** Of a preset's launches so many are named: those that take longest. */
const NAMED = 12;

/**
 * `reparam bench --predict`: what training steps would take on a GPU of given figures. Of the named presets, or of all; with
 * --plan the launches of one that take longest. It opens no GPU.
 */
export async function predict(names: readonly string[], options: BenchOptions, services: Services): Promise<number> {
  const gpu = gpuFigures(options.predict!);
  for (const name of [...names, ...(options.plan === undefined ? [] : [options.plan])]) checkPreset(name);
  const asked = options.plan !== undefined ? [options.plan] : names.length > 0 ? names : Object.keys(presets);
  const steps = asked.map((name) => predictStep(name, gpu));
  const text = options.json
    ? JSON.stringify({ event: "predict", gpu, steps })
    : options.plan !== undefined
      ? launchLines(steps[0]).join("\n")
      : stepLines(steps).join("\n");
  services.terminal.stdout.write(`${text}\n`);
  return 0;
}

const FIGURES = { flops: "flopsPerSecond", bytes: "bytesPerSecond", launch: "launchSeconds" } as const;
const PREFIXES: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
const TIMES: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** The figures of `flops=12T,bytes=400G,launch=6us`. Throws ReparamError "usage". */
export function gpuFigures(text: string): GpuFigures {
  const found = new Map<string, number>();
  for (const part of text.split(",")) {
    const [, name, number, unit] = /^\s*(flops|bytes|launch)=([\d.]+(?:e[+-]?\d+)?)([a-zA-Zµ]*)\s*$/.exec(part) ?? [];
    const scale = name && (name === "launch" ? TIMES : PREFIXES)[unit];
    const value = scale ? Number(number) * scale : Number.NaN;
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw misread(text);
    found.set(FIGURES[name as keyof typeof FIGURES], value);
  }
  if (found.size !== 3) throw misread(text);
  return Object.fromEntries(found) as unknown as GpuFigures;
}

const misread = (text: string) =>
  new ReparamError(
    "usage",
    `--predict "${text}" is not of the form flops=12T,bytes=400G,launch=6us: operations and bytes a second (k, M, G, T), and ` +
      "the time that a launch costs (s, ms, us, ns). `reparam bench` measures the first two as its ceilings.",
  );

function stepLines(steps: readonly PredictedStep[]): string[] {
  const header = ["preset", "batch", "launches", "FLOP", "bytes", "step", "steps/s", "products", "rest", "launching"];
  const rows = steps.map(({ preset, batchSize, launches, flops, bytes, seconds, shares }) => [
    preset,
    String(batchSize),
    String(launches.length),
    siNumber(flops),
    siNumber(bytes),
    formatSeconds(seconds),
    1 / seconds >= 100 ? (1 / seconds).toFixed(0) : (1 / seconds).toPrecision(3),
    ...[shares.products, shares.rest, shares.launches].map(formatPercent),
  ]);
  return alignColumns([header, ...rows]);
}

function launchLines({ preset, batchSize, launches, seconds, shares }: PredictedStep): string[] {
  const longest = launches
    .map((launch, index) => ({ ...launch, number: index + 1 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, NAMED);
  const rows = longest.map(({ number, kernel, shape, seconds: own, bound, label }) => [
    String(number),
    kernel,
    shape,
    formatSeconds(own),
    formatPercent(own / seconds),
    bound,
    label,
  ]);
  return [
    `${preset}, batch ${batchSize}: ${formatSeconds(seconds)} a step in ${launches.length} launches; ` +
      `products ${formatPercent(shares.products)}, rest ${formatPercent(shares.rest)}, launching ${formatPercent(shares.launches)}`,
    "",
    ...alignColumns([["launch", "kernel", "shape", "time", "share", "waits for", "computes"], ...rows]),
  ];
}
