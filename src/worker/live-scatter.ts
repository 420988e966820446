import { download, storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { withOwner } from "../gpu/owner.ts";
import type { Numbers } from "../train/data.ts";
import type { LocalRun } from "../train/fit.ts";
import { type Colour, createScatter, type ScatterLook, type ScatterPlane } from "../view/index.ts";
import { canvasSurface } from "../view/surface.ts";

/** What a scatter shows: the codes of some examples, by a use of the run. */
export interface ScatterChoice {
  /** The use that gives the codes, and what it is given: f32 values are uploaded once. */
  readonly use: string;
  readonly inputs: Readonly<Record<string, Numbers | number>>;
  readonly count: number;
  /** Numbers of a code. */
  readonly latent: number;
  /** The class of each dot, [count]; and the colour of each class. */
  readonly classes: ArrayLike<number>;
  readonly palette: readonly Colour[];
}

/** How a scatter is seen. */
export interface ScatterSight extends Omit<ScatterLook, "part"> {
  /** Of the canvas, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly palette?: readonly Colour[];
  /** How long dots glide to new places: 0 unless given. */
  readonly glideMilliseconds?: number;
}

/** Dots on a canvas that a worker draws from its run's own buffers. */
export interface LiveScatter {
  /** Asks the model anew: the dots glide to the codes of now on a plane. Resolves with the codes, [count, latent], which nothing drawn waits for. */
  update(plane?: ScatterPlane): Promise<Float32Array>;
  /** The dots glide to where their codes are on another plane. */
  move(plane: ScatterPlane): Promise<void>;
  /** Draws from now on as told. */
  show(sight: ScatterSight): Promise<void>;
  dispose(): Promise<void>;
}

/** `deviceOf`: the device that the run is on now, as a lost one is replaced. */
export function liveScatter(
  run: LocalRun,
  deviceOf: () => Device,
  canvas: OffscreenCanvas,
  choice: ScatterChoice,
): LiveScatter {
  const { use, inputs, count, latent } = choice;
  let made: { readonly device: Device; readonly parts: ReturnType<typeof open> } | undefined;
  let sight: ScatterSight | undefined;
  let palette = choice.palette;
  let shown: ScatterPlane | undefined;
  let began = Number.NEGATIVE_INFINITY;
  let frame = 0;
  let over = false;

  /** How far the dots are on their way: fast at first. */
  const part = (): number => {
    const glide = sight?.glideMilliseconds ?? 0;
    const time = glide > 0 ? Math.min(1, (performance.now() - began) / glide) : 1;
    return 1 - (1 - time) ** 3;
  };

  const open = (device: Device) =>
    withOwner(async ({ own, dispose }) => {
      const given = Object.entries(inputs).map(([name, values]) => {
        if (!(values instanceof Float32Array)) return [name, values] as const;
        const buffer = own(storageBuffer(device, values.byteLength, name));
        upload(device, buffer, values);
        return [name, buffer] as const;
      });
      const surface = canvasSurface(device, canvas);
      const scatter = own(await createScatter(device, surface, { ...choice, palette }));
      const codes = own(storageBuffer(device, 4 * count * latent, "codes"));
      return { scatter, codes, given: Object.fromEntries(given), dispose };
    });

  async function parts() {
    const device = deviceOf();
    if (made?.device !== device) {
      began = Number.NEGATIVE_INFINITY;
      made = { device, parts: open(device) };
    }
    return { device, ...(await made.parts) };
  }

  async function draw(): Promise<void> {
    if (over || !sight) return;
    const { device, scatter } = await parts();
    const now = part();
    const encoder = device.gpu.createCommandEncoder();
    scatter.draw(encoder, { ...sight, part: now });
    device.gpu.queue.submit([encoder.finish()]);
    cancelAnimationFrame(frame);
    if (now < 1) frame = requestAnimationFrame(() => void draw());
  }

  return {
    update: async (plane = shown) => {
      const { device, scatter, codes, given } = await parts();
      shown = plane;
      const behind = (encoder: GPUCommandEncoder) => {
        scatter.move(encoder, codes, plane, part());
        began = performance.now();
      };
      await run.useInto(codes, use, count, given, { behind });
      await draw();
      return new Float32Array(await download(device, codes, 0, 4 * count * latent));
    },
    move: async (plane) => {
      const { device, scatter, codes } = await parts();
      shown = plane;
      const encoder = device.gpu.createCommandEncoder();
      scatter.move(encoder, codes, plane, part());
      device.gpu.queue.submit([encoder.finish()]);
      began = performance.now();
      await draw();
    },
    show: async (next) => {
      const { scatter } = await parts();
      if (next.palette && JSON.stringify(next.palette) !== JSON.stringify(palette)) {
        palette = next.palette;
        scatter.paint(palette);
      }
      sight = next;
      const { width, height } = next;
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      await draw();
    },
    dispose: async () => {
      over = true;
      cancelAnimationFrame(frame);
      if (made) (await made.parts).dispose();
    },
  };
}
