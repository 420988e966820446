import { bytesOf, encodeDownload, storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import type { Owner } from "../gpu/owner.ts";
import type { Model } from "../models/model.ts";
import { type ArenaLayout, packArena } from "../runtime/arena.ts";
import { momentLayout } from "./moments.ts";

/** All that a run's future depends on. */
export interface Snapshot {
  readonly parameters: Float32Array;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  /** Steps done. */
  readonly step: number;
}

/** A model's weights on the GPU, with their gradients and what the optimizers remember of them. */
export interface Arenas {
  readonly buffers: Readonly<Record<"parameters" | "gradients" | "firstMoments" | "secondMoments", GPUBuffer>>;
  readonly bytes: number;
  /** Gives the weights their first values, once: until then they are zeros. */
  draw(): void;
  /** The optimizers know nothing any more. */
  forget(): void;
  /** What is there when it is called: the copies are in the queue before it returns. */
  snapshot(step: number): Promise<Snapshot>;
  restore(snapshot: Snapshot): void;
}

/** Weights are drawn as `initial` says. */
export function createArenas(
  device: Device,
  model: Model,
  layout: ArenaLayout<Model["parameters"][number]>,
  initial: (parameter: Model["parameters"][number]) => Float32Array,
  { own }: Pick<Owner, "own">,
): Arenas {
  const momentBytes = momentLayout(model).bytes;
  const make = (bytes: number, label: string) => own(storageBuffer(device, bytes, label));
  const buffers = {
    parameters: make(layout.bytes, "parameters"),
    gradients: make(layout.bytes, "gradients"),
    firstMoments: make(momentBytes, "first moments"),
    secondMoments: make(momentBytes, "second moments"),
  };
  let drawn = false;
  return {
    buffers,
    bytes: bytesOf(buffers),
    draw: () => {
      if (!drawn) upload(device, buffers.parameters, packArena(layout, initial));
      drawn = true;
    },
    forget: () => {
      const zeros = new Float32Array(momentBytes / 4);
      upload(device, buffers.firstMoments, zeros);
      upload(device, buffers.secondMoments, zeros);
    },
    snapshot: async (step) => {
      const encoder = device.gpu.createCommandEncoder();
      const read = (buffer: GPUBuffer, bytes: number) => encodeDownload(device, encoder, buffer, 0, bytes);
      const parameters = read(buffers.parameters, layout.bytes);
      const firstMoments = read(buffers.firstMoments, momentBytes);
      const secondMoments = read(buffers.secondMoments, momentBytes);
      device.gpu.queue.submit([encoder.finish()]);
      return {
        parameters: new Float32Array(await parameters()),
        firstMoments: new Float32Array(await firstMoments()),
        secondMoments: new Float32Array(await secondMoments()),
        step,
      };
    },
    restore: ({ parameters, firstMoments, secondMoments }) => {
      upload(device, buffers.parameters, parameters);
      upload(device, buffers.firstMoments, firstMoments);
      upload(device, buffers.secondMoments, secondMoments);
    },
  };
}
