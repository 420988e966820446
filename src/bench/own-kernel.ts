import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { withOwner } from "../gpu/owner.ts";
import type { Patience } from "../timing/patience.ts";
import { maxRelativeError } from "../timing/statistics.ts";
import type { ReflectedBinding } from "./binding.ts";
import { type Bench, type BenchCase, errorProblem, type Prepared, type Verdict } from "./case.ts";
import { firstTouched, guardBytes, guardedCode } from "./guard.ts";
import { contentsOf, type Kernel, valuesOf } from "./kernel.ts";
import { bindKernel, type Launch } from "./launch.ts";
import { findRaces } from "./races.ts";

/** A 16-bit float is off by up to 2⁻¹¹ of itself. */
const DEFAULT_TOLERANCE = { f32: 1e-4, f16: 1e-3, i32: 1e-4, u32: 1e-4 } as const;

/** A user's own kernel as a line of the benchmark. */
export function ownCase(kernel: Kernel): BenchCase {
  const { spec, reflected } = kernel;
  const bytes = spec.bytes ?? reflected.bindings.reduce((sum, binding) => sum + binding.bytes, 0);
  return {
    kernel: spec.name,
    variant: "",
    shape: spec.workgroups.join("x"),
    prepare: ({ device, patience }: Bench) =>
      withOwner(async (owner): Promise<Prepared> => {
        checkLimits(kernel, device);
        const launch = await bindKernel(device, patience, kernel, owner);
        const verdict = await judge(device, patience, kernel, launch);
        return {
          parts: [{ flops: spec.flops ?? 0, bytes }],
          verdict,
          encode: launch.encode,
          dispose: owner.dispose,
        };
      }),
  };
}

/** What the device allows, in words. Throws ReparamError "usage". */
function checkLimits({ spec, reflected }: Kernel, { gpu: { limits }, profile }: Device): void {
  const fail = (problem: string) => new ReparamError("usage", `${spec.name}: ${problem}`);
  const halves = Object.entries(spec.buffers).find(([, { type }]) => type === "f16");
  if (halves && !profile.f16) {
    throw fail(`the buffer ${halves[0]} holds 16-bit floats, and this adapter has none (shader-f16).`);
  }
  const most = limits.maxComputeWorkgroupsPerDimension;
  if (spec.workgroups.some((count) => count > most)) {
    throw fail(`${spec.workgroups.join(" x ")} workgroups are too many: this adapter takes ${most} in each dimension.`);
  }
  const storage = reflected.bindings.filter(({ access }) => access !== "uniform");
  if (storage.length > limits.maxStorageBuffersPerShaderStage) {
    throw fail(
      `it binds ${storage.length} storage buffers, and this adapter takes ${limits.maxStorageBuffersPerShaderStage}.`,
    );
  }
  for (const { name, access, bytes } of reflected.bindings) {
    const limit = access === "uniform" ? limits.maxUniformBufferBindingSize : limits.maxStorageBufferBindingSize;
    if (bytes > limit) throw fail(`the buffer ${name} has ${bytes} bytes, and this adapter binds ${limit} at most.`);
  }
}

async function judge(device: Device, patience: Patience, kernel: Kernel, launch: Launch): Promise<Verdict> {
  const { spec } = kernel;
  const results = await launch.runOnce();
  const { maxRelativeError: error, problem } = compareWithReference();
  const verdict = (problem: string | undefined, notes: readonly string[] = []): Verdict => ({
    maxRelativeError: error !== undefined && Number.isFinite(error) ? error : null,
    problem,
    notes,
  });
  const notes = error === undefined ? ["No reference function: the numbers themselves were not checked."] : [];
  const outside = await findOutside(device, patience, kernel, results);
  if (outside.problem) return verdict(outside.problem);
  notes.push(...outside.notes);
  const races = kernel.reflected.workgroupMemory ? await findRaces(kernel) : { notes: [] };
  if (races.problem) return verdict(races.problem);
  notes.push(...races.notes);
  if (problem) return verdict(problem, notes);
  if (!sameBytes(results, await launch.runOnce())) {
    notes.push("Two runs on the same data gave different bytes: invocations race for the same memory.");
  }
  return verdict(undefined, notes);

  function compareWithReference(): { maxRelativeError?: number; problem?: string } {
    if (!spec.reference) return {};
    const names = Object.keys(spec.buffers);
    const before = Object.fromEntries(names.map((name, salt) => [name, contentsOf(spec.buffers[name], salt)]));
    let [worst, tolerance] = [0, 0];
    for (const [name, exact] of Object.entries(spec.reference(before))) {
      if (!results[name])
        throw new ReparamError("usage", `${spec.name}: its reference computes ${name}, which no binding writes.`);
      const { type } = spec.buffers[name];
      worst = Math.max(worst, maxRelativeError(valuesOf(type, results[name]), exact));
      tolerance = Math.max(tolerance, DEFAULT_TOLERANCE[type]);
    }
    return { maxRelativeError: worst, problem: errorProblem(worst, spec.tolerance ?? tolerance) };
  }
}

/** Runs the kernel with guards around its buffers: see guard.ts. */
async function findOutside(
  device: Device,
  patience: Patience,
  kernel: Kernel,
  results: Record<string, ArrayBuffer>,
): Promise<Pick<Verdict, "problem" | "notes">> {
  const { spec, reflected } = kernel;
  const { code, watched } = guardedCode(spec.code, reflected.bindings);
  const unwatched = reflected.bindings.filter(({ name, access }) => access === "read_write" && !watched.has(name));
  const unchecked = unwatched.map(
    ({ name }) => `Not checked for accesses outside ${name}: it is no array with a plain declaration.`,
  );
  const guard = ({ name, bytes }: ReflectedBinding) => (watched.has(name) ? guardBytes(bytes) : 0);
  const limit = device.gpu.limits.maxStorageBufferBindingSize;
  if (reflected.bindings.some((binding) => binding.bytes + guard(binding) > limit)) {
    return { notes: ["Not checked for accesses outside its buffers: they leave no room for guards on this adapter."] };
  }
  try {
    return await withOwner(async (owner) => {
      const launch = await bindKernel(device, patience, kernel, owner, code, guard);
      const guarded = await launch.runOnce();
      owner.dispose();
      for (const { name, bytes, elements = 0 } of reflected.bindings) {
        if (!guarded[name]) continue;
        const words = new Uint32Array(guarded[name], bytes);
        const at = firstTouched(words);
        if (at === undefined) continue;
        // What went beyond the guard too was moved to its last whole element.
        const stride = bytes / elements;
        const where = 4 * (words.length - at) < 2 * stride ? "far" : `${4 * at} bytes`;
        const problem = `It writes outside its buffers: ${where} beyond the end of ${name}, which has ${elements} elements (${bytes} bytes).`;
        return { problem, notes: [] };
      }
      const inside = reflected.bindings.flatMap(({ name, bytes }) =>
        guarded[name] ? [[name, guarded[name].slice(0, bytes)]] : [],
      );
      const reads = sameBytes(results, Object.fromEntries(inside))
        ? []
        : [
            "Its results change with what lies beyond the end of its buffers: it reads outside them, or its invocations race.",
          ];
      return { notes: [...unchecked, ...reads] };
    });
  } catch (error) {
    if (!(error instanceof ReparamError && error.code === "compile")) throw error;
    return { notes: ["Not checked for accesses outside its buffers: the text with guards does not compile."] };
  }
}

function sameBytes(a: Record<string, ArrayBuffer>, b: Record<string, ArrayBuffer>): boolean {
  return Object.entries(a).every(([name, bytes]) => {
    const [x, y] = [new Uint32Array(bytes), new Uint32Array(b[name])];
    return x.length === y.length && x.every((word, i) => word === y[i]);
  });
}
