import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { withOwner } from "../gpu/owner.ts";
import { pipelinesOf } from "../gpu/pipelines.ts";
import { linearGrid } from "../kernels/geometry.ts";
import { link } from "../kernels/link.ts";
import { viewProject } from "../shaders/view/project.generated.ts";
import { viewScatter } from "../shaders/view/scatter.generated.ts";
import { groupOf, recordDrawing } from "./record-drawing.ts";
import { renderPipeline } from "./render-pipeline.ts";
import { type Colour, type Surface, TRANSPARENT } from "./surface.ts";

export interface ScatterOptions {
  readonly count: number;
  /** Numbers of a code. */
  readonly latent: number;
  /** The class of each dot, [count], below `palette.length`; all are of the first unless given. */
  readonly classes?: ArrayLike<number>;
  /** The colour of each class. */
  readonly palette: readonly Colour[];
}

/** The plane that codes are shown on; for codes of two numbers, these themselves unless given. */
export interface ScatterPlane {
  /** [latent] */
  readonly mean: ArrayLike<number>;
  /** [2, latent] */
  readonly axes: ArrayLike<number>;
}

export interface ScatterLook {
  /** The place in the middle of the surface, and pixels a unit; the second coordinate goes up. */
  readonly middle: readonly [x: number, y: number];
  readonly scale: number;
  /** Of a dot in pixels. */
  readonly radius: number;
  /** Width and colour of its rim; none unless given. */
  readonly rim?: number;
  readonly rimColour?: Colour;
  /** How far the dots are on their way, 0..1: at its end unless given. */
  readonly part?: number;
  readonly ground?: Colour;
}

/** Dots that glide to where codes in a buffer are; no code comes back to the host. */
export interface Scatter {
  /**
   * Records that the dots go, from where they are, to `codes`, f32 [count, latent]; the first time they are there at once.
   * `part`: how far they are on the way before. Throws ReparamError "data" where a plane is not of these codes.
   */
  move(encoder: GPUCommandEncoder, codes: GPUBuffer, plane?: ScatterPlane, part?: number): void;
  /** Records the drawing of all dots behind what the encoder has already. */
  draw(encoder: GPUCommandEncoder, look: ScatterLook): void;
  /** Other colours, of as many classes. */
  paint(palette: readonly Colour[]): void;
  dispose(): void;
}

const LOOK_BYTES = 48;

/** Throws ReparamError "compile" or "device". */
export function createScatter(device: Device, surface: Surface, options: ScatterOptions): Promise<Scatter> {
  const { count, latent, classes = new Uint32Array(count), palette } = options;
  return withOwner(async ({ own, dispose }) => {
    const storage = (bytes: number, label: string, usage?: number) => own(storageBuffer(device, bytes, label, usage));
    const plane = storage(16, "scatter plane", GPUBufferUsage.UNIFORM);
    const axes = storage(12 * latent, "scatter axes");
    const starts = storage(8 * count, "scatter starts");
    const ends = storage(8 * count, "scatter ends");
    const uniform = storage(LOOK_BYTES, "scatter look", GPUBufferUsage.UNIFORM);
    const slots = storage(4 * count, "scatter classes");
    const colours = storage(16 * palette.length, "scatter palette");
    upload(device, slots, Uint32Array.from(classes));
    const paint = (palette: readonly Colour[]) => upload(device, colours, Float32Array.from(palette.flat()));
    paint(palette);

    const request = { kernel: "view/project", code: link(viewProject), constants: {} };
    const entries = { vertex: "corner", fragment: "disc", topology: "triangle-strip" } as const;
    const [project, dots] = await Promise.all([
      pipelinesOf(device)(request),
      renderPipeline(device, viewScatter, surface.format, entries),
    ]);
    const buffers = [uniform, starts, ends, slots, colours];
    let fresh = true;

    return {
      move: (encoder, codes, { mean, axes: along } = wholePlane(latent), part = 1) => {
        if (mean.length !== latent || along.length !== 2 * latent) {
          throw new ReparamError(
            "data",
            `A plane of codes of ${latent} has a mean of ${latent} and axes of 2 x ${latent}.`,
          );
        }
        const bytes = new ArrayBuffer(16);
        new Uint32Array(bytes).set([count, latent, 0, Number(fresh)]);
        new Float32Array(bytes, 8, 1)[0] = part;
        fresh = false;
        upload(device, plane, new Uint8Array(bytes));
        upload(device, axes, Float32Array.from([...Array.from(mean), ...Array.from(along)]));
        const pass = encoder.beginComputePass();
        pass.setPipeline(project);
        pass.setBindGroup(0, groupOf(device, project, [plane, axes, codes, starts, ends]));
        pass.dispatchWorkgroups(...linearGrid(count, 64));
        pass.end();
      },
      draw: (encoder, look) => {
        const { middle, scale, radius, rim = 0, rimColour = TRANSPARENT, part = 1, ground = TRANSPARENT } = look;
        const [width, height] = surface.size();
        upload(device, uniform, Float32Array.from([...middle, scale, part, width, height, radius, rim, ...rimColour]));
        recordDrawing(device, encoder, surface, { pipeline: dots, buffers, ground, vertices: 4, instances: count });
      },
      paint,
      dispose,
    };
  });
}

/** Of codes of two numbers these themselves; of more, the first two; of one number a line. */
const wholePlane = (latent: number): ScatterPlane => ({
  mean: new Float32Array(latent),
  axes: Float32Array.from({ length: 2 * latent }, (_, k) => Number(k === 0 || k === latent + 1)),
});
