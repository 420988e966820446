import { ReparamError } from "../errors.ts";
import type { Device } from "./device.ts";

interface PipelineRequest {
  /** Family and variant, for messages. */
  readonly kernel: string;
  readonly code: string;
  readonly constants: Readonly<Record<string, number>>;
}

/** Compiles kernels, each distinct one once. */
export function createPipelineCache(device: Device) {
  const modules = new Map<string, GPUShaderModule>();
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();

  return (request: PipelineRequest): Promise<GPUComputePipeline> => {
    const key = JSON.stringify([request.code, request.constants]);
    let pipeline = pipelines.get(key);
    if (!pipeline) pipelines.set(key, (pipeline = build(request)));
    return pipeline;
  };

  async function build({ kernel, code, constants }: PipelineRequest): Promise<GPUComputePipeline> {
    // An error scope keeps a bad shader from the uncaptured errors: it is reported here, with its text.
    device.gpu.pushErrorScope("validation");
    let module = modules.get(code);
    if (!module) modules.set(code, (module = device.gpu.createShaderModule({ code, label: kernel })));
    const scope = device.gpu.popErrorScope();
    try {
      const pipeline = await device.settle(
        device.gpu.createComputePipelineAsync({
          label: kernel,
          layout: "auto",
          compute: { module, entryPoint: "main", constants: constants as Record<string, number> },
        }),
      );
      await device.settle(scope);
      return pipeline;
    } catch (error) {
      await device.settle(scope);
      // On a device that is gone every shader is refused: that is the device's failure.
      const lost = await Promise.race([device.lost, Promise.resolve(undefined)]);
      throw lost ?? (await compileError(device, { kernel, code }, module, error));
    }
  }
}

/** The error of a module or a pipeline that was refused, with the compiler's own message and the WGSL around it. */
export async function compileError(
  device: Device,
  { kernel, code }: Pick<PipelineRequest, "kernel" | "code">,
  module: GPUShaderModule,
  error: unknown,
): Promise<ReparamError> {
  const info = await device.settle(module.getCompilationInfo());
  const first = info.messages.find(({ type }) => type === "error");
  return new ReparamError("compile", explain(kernel, code, first, error));
}

/** The compiler's message with the line of WGSL that it is about and the lines around it. */
function explain(kernel: string, code: string, message: GPUCompilationMessage | undefined, error: unknown): string {
  if (!message) return `The kernel ${kernel} could not be built: ${(error as Error).message}`;
  const lines = code.split("\n");
  const from = Math.max(0, message.lineNum - 3);
  const excerpt = lines
    .slice(from, message.lineNum + 2)
    .map((line, k) => `${from + k + 1 === message.lineNum ? ">" : " "} ${String(from + k + 1).padStart(4)} | ${line}`);
  return `The kernel ${kernel} does not compile, line ${message.lineNum}: ${message.message}\n${excerpt.join("\n")}`;
}
