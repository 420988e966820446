import { storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { viewGrid } from "../shaders/view/grid.generated.ts";
import { recordDrawing } from "./record-drawing.ts";
import { renderPipeline } from "./render-pipeline.ts";
import { type Colour, type Surface, TRANSPARENT } from "./surface.ts";

export interface GridOptions {
  /** Of one picture, [height, width, channels]; of one or two channels the first is drawn, of three and more the first three. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly columns: number;
  readonly count: number;
  /** What 0 and 1 of a grey picture look like: black and white unless given. */
  readonly ground?: Colour;
  readonly ink?: Colour;
  /** Whether colours are mixed between pixels; pixels are squares unless it is set. */
  readonly smooth?: boolean;
}

/** Pictures side by side that fill a surface, drawn from a buffer. */
export interface Grid {
  /** Records the drawing of `pixels`, f32 [count, ...shape], behind what the encoder has already. */
  draw(encoder: GPUCommandEncoder, pixels: GPUBuffer): void;
  dispose(): void;
}

const BYTES = 80;

/** Throws ReparamError "compile" or "device". */
export async function createGrid(device: Device, surface: Surface, options: GridOptions): Promise<Grid> {
  const { shape, columns, count, ground = [0, 0, 0, 1], ink = [1, 1, 1, 1], smooth = false } = options;
  const rows = Math.ceil(count / columns);
  const entries = { vertex: "everywhere", fragment: "picture" };
  const pipeline = await renderPipeline(device, viewGrid, surface.format, entries);
  const uniform = storageBuffer(device, BYTES, "grid", GPUBufferUsage.UNIFORM);
  return {
    draw: (encoder, pixels) => {
      const bytes = new ArrayBuffer(BYTES);
      new Uint32Array(bytes).set([columns, rows, count, ...shape, Number(smooth)]);
      new Float32Array(bytes, 32).set([...surface.size(), 0, 0, ...ground, ...ink]);
      upload(device, uniform, new Uint8Array(bytes));
      const buffers = [uniform, pixels];
      recordDrawing(device, encoder, surface, { pipeline, buffers, ground: TRANSPARENT, vertices: 3 });
    },
    dispose: () => uniform.destroy(),
  };
}
