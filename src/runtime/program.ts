import { ReparamError } from "../errors.ts";
import { download, encodeDownload, storageBuffer } from "../gpu/buffers.ts";
import type { Commands } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import { type Owner, withOwner } from "../gpu/owner.ts";
import { type Pipelines, pipelinesOf } from "../gpu/pipelines.ts";
import { sizeOf } from "../node/node.ts";
import type { Binding, Dispatch, Plan } from "../plan/plan.ts";
import { type BufferPart, createOperandTextures } from "./operand-textures.ts";
import type { SlotPool } from "./slots.ts";

/** A plan bound to a device: pipelines, buffers and bind groups exist, and running it makes no new ones. */
export interface Program {
  readonly plan: Plan;
  /** Records one run: `record(encoder, program.encode)`. */
  encode(commands: Commands): void;
  /** Records one launch of the plan, by its place there: to measure it alone. */
  encodeLaunch(commands: Commands, index: number): void;
  /** Copies an output to the host. Throws for a name that the plan does not have. */
  read(name: string): Promise<Float32Array>;
  /** Records the copy of an output behind a run; what it returns reads it once the encoder's commands were submitted. */
  encodeRead(encoder: GPUCommandEncoder, name: string): () => Promise<Float32Array>;
  /** Records the copy of the first numbers of an output into a buffer, behind its first `at` numbers. */
  encodeCopy(encoder: GPUCommandEncoder, name: string, target: GPUBuffer, at: number, count: number): void;
  dispose(): void;
}

export interface ProgramOptions {
  /** The buffers that the plan calls external, by name. */
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
  /** Slots that are shared with other programs; its own by default. */
  readonly slots?: SlotPool;
  /** Where pipelines come from: the device's own unless something else is measured with it. */
  readonly pipelines?: Pipelines;
}

/** Throws ReparamError "config" where the plan reads a buffer that is not there, "memory" where a buffer is too large. */
export function createProgram(device: Device, plan: Plan, options: ProgramOptions): Promise<Program> {
  return withOwner((owner) => bindPlan(device, plan, options, owner));
}

async function bindPlan(
  device: Device,
  plan: Plan,
  { buffers, slots: pool, pipelines = pipelinesOf(device) }: ProgramOptions,
  owner: Owner,
): Promise<Program> {
  const slots =
    pool?.take(plan.slots) ??
    plan.slots.map((bytes, index) => owner.own(storageBuffer(device, bytes, `slot ${index}`)));
  const bufferOf = ({ buffer }: Binding): GPUBuffer => {
    if ("slot" in buffer) return slots[buffer.slot];
    if (Object.hasOwn(buffers, buffer.external)) return buffers[buffer.external];
    const known = Object.keys(buffers).join(", ");
    throw new ReparamError("config", `Nothing fills the input "${buffer.external}": there are ${known}.`);
  };
  const textures = createOperandTextures(device, plan, owner);
  const partOf = (binding: Binding): BufferPart => ({
    buffer: bufferOf(binding),
    offset: binding.offset,
    size: binding.size,
  });
  const bind = async (dispatch: Dispatch) => {
    const pipeline = await pipelines(dispatch);
    const group = device.gpu.createBindGroup({
      label: dispatch.label,
      layout: pipeline.getBindGroupLayout(0),
      entries: dispatch.bindings.map((binding, index) => ({
        binding: index,
        resource: binding.texture ? textures.viewOf(index, binding.texture) : partOf(binding),
      })),
    });
    const copies = dispatch.bindings.flatMap((binding, index) =>
      binding.texture ? [textures.copyTo(index, binding.texture, partOf(binding))] : [],
    );
    return { pipeline, group, workgroups: dispatch.workgroups, copies };
  };
  const launches = await Promise.all(plan.dispatches.map(bind));
  device.check();
  const encodeLaunch: Program["encodeLaunch"] = (commands, index) => {
    const { pipeline, group, workgroups, copies } = launches[index];
    for (const copy of copies) copy(commands.copies());
    const pass = commands.pass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
  };

  return {
    plan,
    encode: (commands) => {
      for (let index = 0; index < launches.length; index++) encodeLaunch(commands, index);
    },
    encodeLaunch,
    read: async (name) => {
      const { binding, shape } = plan.outputs[name];
      return new Float32Array(await download(device, bufferOf(binding), binding.offset, 4 * sizeOf(shape)));
    },
    encodeRead: (encoder, name) => {
      const { binding, shape } = plan.outputs[name];
      const copied = encodeDownload(device, encoder, bufferOf(binding), binding.offset, 4 * sizeOf(shape));
      return async () => new Float32Array(await copied());
    },
    encodeCopy: (encoder, name, target, at, count) => {
      const { binding } = plan.outputs[name];
      encoder.copyBufferToBuffer(bufferOf(binding), binding.offset, target, 4 * at, 4 * count);
    },
    dispose: owner.dispose,
  };
}
