import { storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { viewCurve } from "../shaders/view/curve.generated.ts";
import { recordDrawing } from "./record-drawing.ts";
import { renderPipeline } from "./render-pipeline.ts";
import { type Colour, type Surface, TRANSPARENT } from "./surface.ts";

export interface CurveLook {
  /** Numbers that the curve goes through, the first of them, and from one to the next: 0 and 1 unless given. */
  readonly count: number;
  readonly offset?: number;
  readonly stride?: number;
  /** What the lower and the upper edge of the surface stand for. */
  readonly range: readonly [low: number, high: number];
  readonly colour: Colour;
  /** Of the line in pixels; 2 unless given. */
  readonly width?: number;
  readonly ground?: Colour;
}

/** A curve from the left edge of a surface to the right one, drawn from a buffer. */
export interface Curve {
  /** Records the drawing of `values`, f32, behind what the encoder has already. */
  draw(encoder: GPUCommandEncoder, values: GPUBuffer, look: CurveLook): void;
  dispose(): void;
}

const BYTES = 48;

/** Throws ReparamError "compile" or "device". */
export async function createCurve(device: Device, surface: Surface): Promise<Curve> {
  const entries = { vertex: "corner", fragment: "line", topology: "triangle-strip" } as const;
  const pipeline = await renderPipeline(device, viewCurve, surface.format, entries);
  const uniform = storageBuffer(device, BYTES, "curve", GPUBufferUsage.UNIFORM);
  return {
    draw: (encoder, values, look) => {
      const { count, offset = 0, stride = 1, range, colour, width = 2, ground = TRANSPARENT } = look;
      const bytes = new ArrayBuffer(BYTES);
      new Uint32Array(bytes).set([count, offset, stride]);
      new Float32Array(bytes, 12).set([width, ...range, ...surface.size(), ...colour]);
      upload(device, uniform, new Uint8Array(bytes));
      const [buffers, instances] = [[uniform, values], Math.max(0, count - 1)];
      recordDrawing(device, encoder, surface, { pipeline, buffers, ground, vertices: 4, instances });
    },
    dispose: () => uniform.destroy(),
  };
}
