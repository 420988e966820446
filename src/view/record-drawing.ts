import type { Device } from "../gpu/device.ts";
import { type Colour, drawingPass, type Surface } from "./surface.ts";

export interface Drawing {
  readonly pipeline: GPURenderPipeline;
  /** By their bindings, from 0. */
  readonly buffers: readonly GPUBuffer[];
  readonly ground: Colour;
  /** Corners of an instance, and instances: one unless given. */
  readonly vertices: number;
  readonly instances?: number;
}

/** Records a drawing over a ground of one colour. */
export function recordDrawing(
  device: Device,
  encoder: GPUCommandEncoder,
  surface: Surface,
  { pipeline, buffers, ground, vertices, instances = 1 }: Drawing,
): void {
  const pass = drawingPass(encoder, surface, ground);
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, groupOf(device, pipeline, buffers));
  pass.draw(vertices, instances);
  pass.end();
}

/** Buffers by their bindings, from 0. */
export const groupOf = (
  device: Device,
  pipeline: GPUComputePipeline | GPURenderPipeline,
  buffers: readonly GPUBuffer[],
): GPUBindGroup =>
  device.gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
