import { ReparamError } from "../errors.ts";
import { download, upload } from "../gpu/buffers.ts";
import { type Commands, type Encode, record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import type { Owner } from "../gpu/owner.ts";
import { compileError } from "../gpu/pipelines.ts";
import type { Patience } from "../timing/patience.ts";
import type { ReflectedBinding } from "./binding.ts";
import { CANARY } from "./guard.ts";
import { contentsOf, type Kernel, storedAs } from "./kernel.ts";

/** A user's kernel on the device, with buffers of its own. */
export interface Launch {
  readonly encode: Encode;
  /** Puts every buffer back to its contents, runs once, and returns what the written ones hold, guards included. */
  runOnce(): Promise<Record<string, ArrayBuffer>>;
}

/**
 * Builds the kernel and binds it. `guard`: bytes after each buffer's end that are bound with it and hold the canary.
 * Throws ReparamError "compile" with the lines of WGSL that are at fault.
 */
export async function bindKernel(
  device: Device,
  patience: Patience,
  { spec, reflected }: Kernel,
  { own }: Owner,
  code = spec.code,
  guard: (binding: ReflectedBinding) => number = () => 0,
): Promise<Launch> {
  const { gpu } = device;
  const names = Object.keys(spec.buffers);
  // What is refused outside an error scope would be the device's error, and not this kernel's.
  gpu.pushErrorScope("validation");
  const buffers = reflected.bindings.map((binding) => {
    const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const size = binding.bytes + guard(binding);
    const usage = (binding.access === "uniform" ? UNIFORM : STORAGE) | COPY_SRC | COPY_DST;
    return { ...binding, size, buffer: own(gpu.createBuffer({ label: binding.name, size, usage })) };
  });
  const ofGroup = (group: number) => buffers.filter((buffer) => buffer.group === group);
  const layouts = Array.from({ length: Math.max(0, ...buffers.map(({ group }) => group + 1)) }, (_, group) =>
    gpu.createBindGroupLayout({
      entries: ofGroup(group).map(({ binding, access }) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: access === "uniform" ? access : access === "read" ? "read-only-storage" : "storage" },
      })),
    }),
  );
  const module = gpu.createShaderModule({ label: spec.name, code });
  const layout = gpu.createPipelineLayout({ bindGroupLayouts: layouts });
  const groups = layouts.map((layout, group) =>
    gpu.createBindGroup({
      layout,
      entries: ofGroup(group).map(({ binding, buffer }) => ({ binding, resource: { buffer } })),
    }),
  );
  const refusal = gpu.popErrorScope();
  const compute = { module, entryPoint: reflected.entryPoint, constants: spec.constants as Record<string, number> };
  let pipeline: GPUComputePipeline;
  try {
    pipeline = await patience.wait(gpu.createComputePipelineAsync({ label: spec.name, layout, compute }));
  } catch (error) {
    if (error instanceof ReparamError) throw error;
    throw await compileError(device, { kernel: spec.name, code }, module, error);
  }
  const refused = await patience.wait(refusal);
  if (refused) throw new ReparamError("compile", `The GPU refuses the kernel ${spec.name}: ${refused.message}`);
  const encode = (commands: Commands) => {
    const pass = commands.pass();
    pass.setPipeline(pipeline);
    for (const [group, bound] of groups.entries()) pass.setBindGroup(group, bound);
    pass.dispatchWorkgroups(...spec.workgroups);
  };
  return {
    encode,
    runOnce: async () => {
      for (const { name, bytes, size, buffer } of buffers) {
        upload(device, buffer, storedAs(spec.buffers[name].type, contentsOf(spec.buffers[name], names.indexOf(name))));
        if (size > bytes) upload(device, buffer, new Uint32Array((size - bytes) / 4).fill(CANARY), bytes);
      }
      await patience.run((encoder) => record(encoder, encode));
      const results: Record<string, ArrayBuffer> = {};
      for (const { name, access, size, buffer } of buffers) {
        if (access === "read_write") results[name] = await download(device, buffer, 0, size);
      }
      return results;
    },
  };
}
