import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";

/** Red, green, blue and strength, each 0..1. */
export type Colour = readonly [red: number, green: number, blue: number, strength: number];

export const TRANSPARENT: Colour = [0, 0, 0, 0];

/** Where drawings go: a canvas, or a texture of one's own. */
export interface Surface {
  readonly format: GPUTextureFormat;
  /** Width and height in pixels. */
  size(): readonly [width: number, height: number];
  /** What is drawn into next. Of a canvas it is shown when the task ends. */
  next(): GPUTextureView;
}

/**
 * A canvas of a page, or one that a page gave to a worker, for drawings of a device. Throws ReparamError "device" where the
 * browser gives the canvas no WebGPU: some have it for computing only.
 */
export function canvasSurface(device: Device, canvas: HTMLCanvasElement | OffscreenCanvas): Surface {
  const context = canvas.getContext("webgpu") as GPUCanvasContext | null;
  if (!context) throw new ReparamError("device", "This canvas takes no drawings by WebGPU: draw with its 2D context.");
  const format = device.entry.getPreferredCanvasFormat();
  context.configure({ device: device.gpu, format, alphaMode: "premultiplied" });
  return {
    format,
    size: () => [canvas.width, canvas.height],
    next: () => context.getCurrentTexture().createView(),
  };
}

/** A pass that draws into a surface, over a ground of one colour. */
export const drawingPass = (encoder: GPUCommandEncoder, surface: Surface, [r, g, b, a]: Colour): GPURenderPassEncoder =>
  encoder.beginRenderPass({
    colorAttachments: [
      {
        view: surface.next(),
        clearValue: { r: r * a, g: g * a, b: b * a, a },
        loadOp: "clear",
        storeOp: "store",
      },
    ],
  });
