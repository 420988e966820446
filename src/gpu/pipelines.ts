import { ReparamError } from "../errors.ts";
import type { Origin } from "../shaders/origin.ts";
import type { Device } from "./device.ts";

interface PipelineRequest {
  /** Family and variant, for messages. */
  readonly kernel: string;
  readonly code: string;
  readonly constants: Readonly<Record<string, number>>;
  /** In the order of `@binding`, all in group 0. Pipelines whose bindings are alike then share a layout; without them each has its own. */
  readonly bindings?: readonly BindingKind[];
}

/** What a layout says of a binding. */
export interface BindingKind {
  readonly access: "read" | "read_write" | "uniform";
  readonly texture?: GPUTextureFormat;
}

export type Pipelines = (request: PipelineRequest) => Promise<GPUComputePipeline>;

/**
 * How many pipelines, and how many modules, a device keeps: those of some ten models. On lavapipe each takes some fifty of the
 * 65,530 memory maps that Linux gives a process, which ends where there is no more: 150 where each has a layout of its own, since Dawn then
 * makes room for a hundred bind groups of each.
 */
const KEPT = 384;

const BUFFER_TYPES = { read: "read-only-storage", read_write: "storage", uniform: "uniform" } as const;

/** Of the kernels that a device has been asked for since somebody began to look, those that are compiled, and all. */
export interface Compiling {
  readonly done: number;
  readonly total: number;
}

const followers = new WeakMap<GPUDevice, Set<(change: Compiling) => void>>();

/** Tells how the kernels that a device is asked for from now on come to be compiled; returns what ends that. */
export function followCompiling(device: Device, told: (state: Compiling) => void): () => void {
  let state: Compiling = { done: 0, total: 0 };
  const add = (change: Compiling) => {
    // What was begun before is no part of it.
    if (change.done > 0 && state.done === state.total) return;
    state = { done: state.done + change.done, total: state.total + change.total };
    told(state);
  };
  const all = followers.get(device.gpu) ?? new Set();
  followers.set(device.gpu, all.add(add));
  return () => void all.delete(add);
}

const shared = new WeakMap<GPUDevice, Pipelines>();

/**
 * The pipelines of a device: a model that is built again, or another one with the same kernels, compiles none anew. They are let
 * go when the device is gone, whoever still holds it.
 */
export function pipelinesOf(device: Device): Pipelines {
  let pipelines = shared.get(device.gpu);
  if (!pipelines) {
    shared.set(device.gpu, (pipelines = createPipelineCache(device)));
    void device.lost.then(() => shared.delete(device.gpu));
  }
  return pipelines;
}

/** Compiles kernels, each distinct one once; of more than 384 those that were asked for longest ago are let go. */
export function createPipelineCache(device: Device): Pipelines {
  const modules = new Map<string, GPUShaderModule>();
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();
  const layouts = new Map<string, GPUPipelineLayout>();

  return (request) => recent(pipelines, JSON.stringify([request.code, request.constants]), () => told(build(request)));

  /** Tells who follows it of one that is begun, and when it is done. */
  function told<T>(begun: Promise<T>): Promise<T> {
    const tell = (change: Compiling) => followers.get(device.gpu)?.forEach((add) => void add(change));
    tell({ done: 0, total: 1 });
    begun.then(
      () => tell({ done: 1, total: 0 }),
      () => {}, // whoever asked gets the error
    );
    return begun;
  }

  function layoutOf(bindings: readonly BindingKind[]): GPUPipelineLayout {
    const entries = bindings.map(({ access, texture }, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      ...(texture
        ? { storageTexture: { access: "read-only" as const, format: texture } }
        : { buffer: { type: BUFFER_TYPES[access] } }),
    }));
    return recent(layouts, JSON.stringify(entries), () =>
      device.gpu.createPipelineLayout({ bindGroupLayouts: [device.gpu.createBindGroupLayout({ entries })] }),
    );
  }

  async function build({ kernel, code, constants, bindings }: PipelineRequest): Promise<GPUComputePipeline> {
    // An error scope keeps a bad shader from the uncaptured errors: it is reported here, with its text.
    device.gpu.pushErrorScope("validation");
    const module = recent(modules, code, () => device.gpu.createShaderModule({ code, label: kernel }));
    const scope = device.gpu.popErrorScope();
    try {
      const pipeline = await device.settle(
        device.gpu.createComputePipelineAsync({
          label: kernel,
          layout: bindings ? layoutOf(bindings) : "auto",
          compute: { module, entryPoint: "main", constants: constants as Record<string, number> },
        }),
      );
      await device.settle(scope);
      return pipeline;
    } catch (error) {
      await device.settle(scope);
      // On a device that is gone every shader is refused: that is the device's failure.
      const lost = await Promise.race([device.lost, Promise.resolve(undefined)]);
      if (lost) throw lost;
      const { originOf } = await import("../shaders/origin.ts");
      throw await compileError(device, { kernel, code }, module, error, (line) => originOf(code, line));
    }
  }
}

/** The value of a key, made where there is none. A map keeps its keys in order, so the first is the one unused longest. */
function recent<T>(values: Map<string, T>, key: string, make: () => T): T {
  const value = values.get(key) ?? make();
  values.delete(key);
  values.set(key, value);
  if (values.size > KEPT) values.delete(values.keys().next().value!);
  return value;
}

/**
 * The error of a module or a pipeline that was refused, with the compiler's own message and the WGSL around it. `originOf`
 * says which line of a file of shaders/ a line is.
 */
export async function compileError(
  device: Device,
  { kernel, code }: Pick<PipelineRequest, "kernel" | "code">,
  module: GPUShaderModule,
  error: unknown,
  originOf?: OriginOf,
): Promise<ReparamError> {
  const info = await device.settle(module.getCompilationInfo());
  const first = info.messages.find(({ type }) => type === "error");
  return new ReparamError("compile", explain(kernel, code, first, error, originOf));
}

type OriginOf = (line: number) => Origin | undefined;

/** The compiler's message with the line of WGSL that it is about and the lines around it. */
function explain(
  kernel: string,
  code: string,
  message: GPUCompilationMessage | undefined,
  error: unknown,
  originOf?: OriginOf,
): string {
  if (!message) return `The kernel ${kernel} could not be built: ${(error as Error).message}`;
  const lines = code.split("\n");
  const from = Math.max(0, message.lineNum - 3);
  const excerpt = lines
    .slice(from, message.lineNum + 2)
    .map((line, k) => `${from + k + 1 === message.lineNum ? ">" : " "} ${String(from + k + 1).padStart(4)} | ${line}`);
  const origin = originOf?.(message.lineNum);
  const where = `line ${message.lineNum}${origin ? ` (shaders/${origin.path}, line ${origin.line})` : ""}`;
  return `The kernel ${kernel} does not compile, ${where}: ${message.message}\n${excerpt.join("\n")}`;
}
