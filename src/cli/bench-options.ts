import { checkFamilies, checkShapes, families } from "../bench/catalog.ts";
import { type BufferSpec, defineKernel, type KernelSpec, type ScalarType } from "../bench/kernel.ts";
import type { BenchJob } from "../bench/messages.ts";
import { presets } from "../config/presets.ts";
import { ReparamError } from "../errors.ts";
import type { Host } from "../host/job.ts";
import { nearest } from "../nearest.ts";
import { wholeNumber } from "./use-flags.ts";

/** Flags of `reparam bench` as commander hands them over. */
export interface BenchOptions {
  readonly shape?: readonly string[];
  readonly variants?: boolean;
  readonly large?: boolean;
  readonly endToEnd?: boolean;
  readonly plan?: string;
  readonly predict?: string;
  readonly tune?: boolean;
  readonly exhaustive?: boolean;
  readonly host?: string;
  readonly rounds?: string;
  readonly timeout?: string;
  readonly json?: boolean;
  readonly baseline?: string;
  readonly out?: string;
  readonly wgsl?: string;
  readonly entry?: string;
  readonly workgroups?: string;
  readonly buffer?: readonly string[];
  readonly override?: readonly string[];
  readonly flops?: string;
  readonly bytes?: string;
}

export function hostOf({ host = "chromium" }: BenchOptions): Host["kind"] {
  if (host === "chromium" || host === "dawn") return host;
  throw new ReparamError(
    "usage",
    `--host is chromium or dawn, not "${host}"; did you mean ${nearest(host, ["chromium", "dawn"])}?`,
  );
}

/** Where kernels run, in words. */
export const placeOf = ({ kind, version }: Host): string =>
  `${kind === "dawn" ? "Dawn in Node" : "headless Chromium"} (${version})`;

/**
 * The job that the flags ask for. `code` is the text of --wgsl's file.
 * Throws ReparamError "usage", so that a mistake is told before a browser starts.
 */
export async function benchJob(names: readonly string[], options: BenchOptions, code?: string): Promise<BenchJob> {
  const { shape, variants = false, large = false, endToEnd = false, plan, rounds = "15", timeout = "30" } = options;
  if (options.exhaustive) throw new ReparamError("usage", "--exhaustive goes with --tune.");
  const isPreset = (name: string) => Object.hasOwn(presets, name);
  const kernels = [...new Set(names.filter((name) => !isPreset(name)))];
  const asked = [...new Set(names.filter(isPreset))];
  checkFamilies(kernels);
  if (asked.length > 0 && !endToEnd)
    throw new ReparamError(
      "usage",
      `${asked[0]} is a preset, not a kernel: --end-to-end times its steps, --plan ${asked[0]} the launches of one, --tune tunes it.`,
    );
  if (shape && kernels.length === 0)
    throw new ReparamError("usage", "--shape needs the name of a kernel: `reparam bench matmul --shape 64x64x64`.");
  if (shape) checkShapes(kernels, shape);
  const own = code === undefined ? withoutOwn(options) : ownKernel(code, options);
  if (own) await defineKernel(own);
  if (plan !== undefined) checkPlan(plan, names.length > 0 || own !== null || endToEnd);
  const everything = names.length === 0 && !own && !endToEnd && plan === undefined;
  return {
    kind: "bench",
    kernels: everything ? Object.keys(families) : kernels,
    shapes: shape ? [...shape] : null,
    variants,
    large,
    presets: endToEnd && asked.length === 0 ? Object.keys(presets) : asked,
    plan: plan ?? null,
    own,
    rounds: wholeNumber("--rounds", rounds, 1, 1000),
    timeoutSeconds: wholeNumber("--timeout", timeout, 1, 3600),
  };
}

/** Throws ReparamError "usage" where there is no such preset. */
export function checkPreset(preset: string): void {
  const known = Object.keys(presets);
  if (!Object.hasOwn(presets, preset))
    throw new ReparamError(
      "usage",
      `There is no preset ${preset}; did you mean ${nearest(preset, known)}? There are ${known.join(", ")}.`,
    );
}

function checkPlan(preset: string, alsoKernels: boolean): void {
  checkPreset(preset);
  if (alsoKernels)
    throw new ReparamError(
      "usage",
      "--plan times the launches of one preset and nothing else: leave out kernels, --wgsl and --end-to-end.",
    );
}

function withoutOwn({ entry, workgroups, buffer, override, flops, bytes }: BenchOptions): null {
  const given = Object.entries({ entry, workgroups, buffer, override, flops, bytes }).find(
    ([, value]) => value !== undefined,
  );
  if (given)
    throw new ReparamError("usage", `--${given[0]} goes with a kernel of your own: name its file with --wgsl.`);
  return null;
}

function ownKernel(code: string, options: BenchOptions): Omit<KernelSpec, "reference"> {
  const { wgsl, entry, workgroups, buffer = [], override = [], flops, bytes } = options;
  if (workgroups === undefined)
    throw new ReparamError("usage", "--wgsl needs --workgroups X,Y,Z: how many workgroups are launched.");
  const counts = [...workgroups.split(",").map((count) => wholeNumber("--workgroups", count, 1, 2 ** 32 - 1)), 1, 1];
  if (counts.length > 5)
    throw new ReparamError("usage", `--workgroups takes up to three numbers, not "${workgroups}".`);
  return {
    name: wgsl!.replace(/^.*[/\\]/, ""),
    code,
    ...(entry !== undefined && { entryPoint: entry }),
    constants: Object.fromEntries(override.map(parseOverride)),
    workgroups: [counts[0], counts[1], counts[2]],
    buffers: parseBuffers(buffer),
    ...(flops !== undefined && { flops: amount("--flops", flops) }),
    ...(bytes !== undefined && { bytes: amount("--bytes", bytes) }),
  };
}

function parseBuffers(texts: readonly string[]): Record<string, BufferSpec> {
  const buffers: Record<string, BufferSpec> = {};
  for (const text of texts) {
    const match = /^([^=\s]+)=(f32|f16|i32|u32)\[([\d,\s]+)\](?::(.+))?$/.exec(text);
    if (!match) {
      throw new ReparamError(
        "usage",
        `--buffer "${text}" is not of the form name=type[extents]:fill, such as x=f32[1024,1024]:random; types are f32, f16, i32, u32.`,
      );
    }
    const [, name, type, extents, fill = "zeros"] = match;
    if (Object.hasOwn(buffers, name)) throw new ReparamError("usage", `--buffer ${name} was given twice.`);
    const shape = extents.split(",").map((extent) => wholeNumber(`--buffer ${name}`, extent, 1, 2 ** 31));
    buffers[name] = { type: type as ScalarType, shape, fill: parseFill(name, fill) };
  }
  return buffers;
}

function parseFill(name: string, text: string): BufferSpec["fill"] {
  const words = ["zeros", "random", "iota"] as const;
  const word = words.find((known) => known === text);
  if (word) return word;
  const numbers = text.split(",").map(Number);
  if (numbers.every(Number.isFinite)) return numbers;
  throw new ReparamError(
    "usage",
    `--buffer ${name} is filled with "${text}"; did you mean ${nearest(text, words)}? A fill is zeros, random, iota, or numbers with commas between.`,
  );
}

function parseOverride(text: string): [string, number] {
  const [, name, value] = /^([^=\s]+)=(.+)$/.exec(text) ?? [];
  const number = value === "true" ? 1 : value === "false" ? 0 : Number(value);
  if (name !== undefined && Number.isFinite(number)) return [name, number];
  throw new ReparamError("usage", `--override "${text}" is not of the form NAME=number.`);
}

function amount(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new ReparamError("usage", `${flag} is a number of at least 0, not "${text}".`);
}
