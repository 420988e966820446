import type { Split } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { type Shape, sizeOf } from "../node/node.ts";

/** Bytes of a split's buffer: whole vec4u. */
export const splitBytes = ({ examples }: Split): number => Math.ceil(examples.length / 16) * 16;

export const batchesOf = ({ count }: Split, batchSize: number): number => Math.ceil(count / batchSize);

/** Puts a split on the GPU as bytes. */
export function uploadSplit(device: Device, split: Split, label: string): GPUBuffer {
  const buffer = storageBuffer(device, splitBytes(split), `${label} data`);
  upload(device, buffer, split.examples);
  return buffer;
}

/** Throws ReparamError "data" where a split is empty, lies about its size, or has examples of another size. */
export function checkSplit({ count, examples }: Split, what: string, shape: Shape, modelInput: Shape): void {
  if (sizeOf(shape) !== sizeOf(modelInput)) {
    throw new ReparamError(
      "data",
      `The model takes examples of shape [${modelInput}], and the ${what} data have the shape [${shape}].`,
    );
  }
  if (count === 0) throw new ReparamError("data", `There are no ${what} examples.`);
  if (count * sizeOf(shape) !== examples.length) {
    throw new ReparamError(
      "data",
      `The ${what} data hold ${examples.length} bytes, which are not ${count} examples of shape [${shape}].`,
    );
  }
}
