import { ReparamError } from "../errors.ts";
import { siNumber } from "../units.ts";
import type { Device } from "./device.ts";

/** A buffer that kernels read and write and the host copies from and to; `bytes` are rounded up to a multiple of 16. */
export function storageBuffer(device: Device, bytes: number, label: string, usage = 0): GPUBuffer {
  const size = Math.max(16, Math.ceil(bytes / 16) * 16);
  const limit = Math.min(device.gpu.limits.maxBufferSize, device.gpu.limits.maxStorageBufferBindingSize);
  if (size > limit) {
    throw new ReparamError(
      "memory",
      `The ${label} need ${siNumber(size)}B in one buffer, and this adapter allows ${siNumber(limit)}B: use less data or a smaller model.`,
    );
  }
  return device.gpu.createBuffer({
    label,
    size,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST | usage,
  });
}

/** The bytes of some buffers, all told. */
export const bytesOf = (buffers: Readonly<Record<string, GPUBuffer>>): number =>
  Object.values(buffers).reduce((sum, { size }) => sum + size, 0);

/** A browser copies what it is given to another process: in pieces, so that large data need no second copy of their size. */
const UPLOAD_BYTES = 2 ** 28;

/** Uploads bytes of any length; WebGPU itself takes multiples of 4 only. */
export function upload(device: Device, buffer: GPUBuffer, data: ArrayBufferView, offset = 0): void {
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const whole = bytes.length - (bytes.length % 4);
  for (let from = 0; from < whole; from += UPLOAD_BYTES) {
    device.gpu.queue.writeBuffer(buffer, offset + from, bytes, from, Math.min(UPLOAD_BYTES, whole - from));
  }
  if (whole < bytes.length) {
    const rest = new Uint8Array(4);
    rest.set(bytes.subarray(whole));
    device.gpu.queue.writeBuffer(buffer, offset + whole, rest);
  }
}

/** Copies part of a buffer to the host. */
export async function download(device: Device, buffer: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
  const encoder = device.gpu.createCommandEncoder();
  const copied = encodeDownload(device, encoder, buffer, offset, bytes);
  device.gpu.queue.submit([encoder.finish()]);
  return copied();
}

/** Records the copy of part of a buffer; what it returns gives the bytes once the encoder's commands were submitted. */
export function encodeDownload(
  device: Device,
  encoder: GPUCommandEncoder,
  buffer: GPUBuffer,
  offset: number,
  bytes: number,
): () => Promise<ArrayBuffer> {
  const size = Math.ceil(bytes / 4) * 4;
  const staging = device.gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
  return async () => {
    try {
      await device.settle(staging.mapAsync(GPUMapMode.READ));
      // A device that is lost now takes the mapped memory away.
      return staging.getMappedRange().slice(0, bytes);
    } catch (error) {
      device.check();
      throw new ReparamError("device", "The GPU's results could not be read back.", { cause: error });
    } finally {
      staging.destroy();
    }
  };
}
