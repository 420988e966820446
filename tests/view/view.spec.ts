import { expect, test } from "@playwright/test";
import { storageBuffer, upload } from "../../src/gpu/buffers.ts";
import type { Device } from "../../src/gpu/device.ts";
import { vae } from "../../src/models/index.ts";
import { fit } from "../../src/train/fit.ts";
import { type Colour, createCurve, createGrid, createScatter, type Surface } from "../../src/view/index.ts";
import { patterns, sharedDevice } from "../support/training.ts";

// What is drawn from buffers, pixel by pixel: red, green, blue and strength as bytes.

const SIDE = 64;
const RED: Colour = [1, 0, 0, 1];
const BLUE: Colour = [0, 0, 1, 1];
const WHITE: Colour = [1, 1, 1, 1];

/** A picture of 64 x 64 to draw into, and what reads a pixel of it: x goes right, y down. */
function picture({ gpu, settle }: Device) {
  const { COPY_SRC, RENDER_ATTACHMENT } = GPUTextureUsage;
  const format = "rgba8unorm";
  const texture = gpu.createTexture({ size: [SIDE, SIDE], format, usage: COPY_SRC | RENDER_ATTACHMENT });
  const surface: Surface = { format, size: () => [SIDE, SIDE], next: () => texture.createView() };
  const pixels = async () => {
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const staging = gpu.createBuffer({ size: 4 * SIDE * SIDE, usage });
    const encoder = gpu.createCommandEncoder();
    encoder.copyTextureToBuffer({ texture }, { buffer: staging, bytesPerRow: 4 * SIDE }, [SIDE, SIDE]);
    gpu.queue.submit([encoder.finish()]);
    await settle(staging.mapAsync(GPUMapMode.READ));
    const bytes = new Uint8Array(staging.getMappedRange().slice(0));
    staging.destroy();
    return (x: number, y: number) => [...bytes.subarray(4 * (y * SIDE + x), 4 * (y * SIDE + x) + 4)];
  };
  return { surface, pixels };
}

function floats(device: Device, values: readonly number[]): GPUBuffer {
  const buffer = storageBuffer(device, 4 * values.length, "values");
  upload(device, buffer, Float32Array.from(values));
  return buffer;
}

function record(device: Device, commands: (encoder: GPUCommandEncoder) => void): void {
  const encoder = device.gpu.createCommandEncoder();
  commands(encoder);
  device.gpu.queue.submit([encoder.finish()]);
}

test("dots stand at their codes in the colours of their classes, and glide to where the codes are next", async () => {
  const device = await sharedDevice();
  const { surface, pixels } = picture(device);
  const options = { count: 2, latent: 2, classes: [0, 1], palette: [RED, BLUE] };
  const scatter = await createScatter(device, surface, options);
  const look = { middle: [0, 0], scale: 16, radius: 4, ground: WHITE } as const;
  record(device, (encoder) => {
    scatter.move(encoder, floats(device, [-1, 0, 1, 0.5]));
    scatter.draw(encoder, look);
  });
  let at = await pixels();
  expect([at(16, 32), at(48, 24), at(32, 32)]).toEqual([
    [255, 0, 0, 255],
    [0, 0, 255, 255],
    [255, 255, 255, 255],
  ]);
  // Half of the way to new codes; then back from there, and at the end of that.
  record(device, (encoder) => {
    scatter.move(encoder, floats(device, [1, 0, -1, 0.5]));
    scatter.draw(encoder, { ...look, part: 0.25 });
  });
  at = await pixels();
  expect([at(24, 32), at(40, 24), at(16, 32)]).toEqual([
    [255, 0, 0, 255],
    [0, 0, 255, 255],
    [255, 255, 255, 255],
  ]);
  record(device, (encoder) => {
    scatter.move(encoder, floats(device, [-0.5, 1, 0, -1]), undefined, 0.25);
    scatter.draw(encoder, { ...look, part: 0 });
  });
  expect((await pixels())(24, 32)).toEqual([255, 0, 0, 255]);
  record(device, (encoder) => scatter.draw(encoder, { ...look, rim: 2, rimColour: BLUE }));
  at = await pixels();
  expect([at(24, 16), at(27, 16)]).toEqual([
    [255, 0, 0, 255],
    [0, 0, 255, 255],
  ]);
  scatter.dispose();
});

test("codes of more numbers are shown on a plane", async () => {
  const device = await sharedDevice();
  const { surface, pixels } = picture(device);
  const scatter = await createScatter(device, surface, { count: 1, latent: 3, palette: [RED] });
  const plane = { mean: [10, 0, 1], axes: [0, 0, 1, -1, 0, 0] };
  record(device, (encoder) => {
    scatter.move(encoder, floats(device, [11, 7, 2.5]), plane); // (1.5, −1)
    scatter.draw(encoder, { middle: [0.5, 0], scale: 16, radius: 3 });
  });
  const at = await pixels();
  expect(at(48, 48)).toEqual([255, 0, 0, 255]);
  expect(at(8, 8)).toEqual([0, 0, 0, 0]);
  expect(() => scatter.move({} as GPUCommandEncoder, {} as GPUBuffer, { mean: [1], axes: [1] })).toThrow(
    "A plane of codes of 3 has a mean of 3 and axes of 2 x 3.",
  );
  scatter.dispose();
});

test("pictures stand side by side, pixels as squares or mixed; beyond the last there is nothing", async () => {
  const device = await sharedDevice();
  const { surface, pixels } = picture(device);
  const values = floats(device, [0, 1, 1, 0, 0.5, 0.5, 0.5, 0.5, 2, -1, 1, 1]);
  const options = { shape: [2, 2, 1], columns: 2, count: 3 } as const;
  const squares = await createGrid(device, surface, options);
  record(device, (encoder) => squares.draw(encoder, values));
  let at = await pixels();
  expect([at(8, 8), at(24, 8), at(8, 24), at(48, 16)].map(([red]) => red)).toEqual([0, 255, 255, 128]);
  expect([at(8, 40), at(24, 40)].map(([red]) => red)).toEqual([255, 0]); // values beyond 0..1
  expect(at(48, 48)).toEqual([0, 0, 0, 0]);
  const smooth = await createGrid(device, surface, { ...options, smooth: true, ground: WHITE, ink: BLUE });
  record(device, (encoder) => smooth.draw(encoder, values));
  at = await pixels();
  expect(at(2, 2)).toEqual([255, 255, 255, 255]);
  expect(Math.abs(at(16, 2)[0] - 120)).toBeLessThanOrEqual(1); // 17/32 of the way from white to blue
  for (const grid of [squares, smooth]) grid.dispose();
});

test("a curve goes through numbers that lie some way from each other", async () => {
  const device = await sharedDevice();
  const { surface, pixels } = picture(device);
  const curve = await createCurve(device, surface);
  const values = floats(device, [9, 0, 9, 1, 9, 0]);
  const look = { count: 3, offset: 1, stride: 2, range: [0, 2], colour: RED, width: 4 } as const;
  record(device, (encoder) => curve.draw(encoder, values, look));
  const at = await pixels();
  expect([at(32, 33), at(16, 48), at(48, 48)]).toEqual(new Array(3).fill([255, 0, 0, 255]));
  expect([at(32, 60), at(4, 4)]).toEqual(new Array(2).fill([0, 0, 0, 0]));
  curve.dispose();
});

test("a use leaves its result on the GPU, drawn in the same submit, and nothing is read back", async () => {
  const device = await sharedDevice();
  const data = patterns(32, 20, [4, 4, 1]);
  const run = fit(device, vae({ data, hidden: [8], latent: 2 }), data, { epochs: 1, batchSize: 8 });
  await run.finished;
  const x = data.test.values.x as Uint8Array;
  const codes = await run.encode(x);
  const { surface, pixels } = picture(device);
  const scatter = await createScatter(device, surface, { count: 20, latent: 2, palette: [RED] });
  const target = storageBuffer(device, 4 * codes.length, "codes");

  const made: number[] = [];
  const create = device.gpu.createBuffer.bind(device.gpu);
  device.gpu.createBuffer = (descriptor) => {
    made.push(descriptor.usage);
    return create(descriptor);
  };
  try {
    const behind = (encoder: GPUCommandEncoder) => {
      scatter.move(encoder, target);
      scatter.draw(encoder, { middle: [codes[0], codes[1]], scale: 16, radius: 3 });
    };
    await run.useInto(target, "encode", 20, { x }, { behind });
  } finally {
    device.gpu.createBuffer = create;
  }
  expect(made).toEqual([]);
  expect((await pixels())(32, 32)).toEqual([255, 0, 0, 255]);

  // What lies on the GPU is a use's input, too: the codes decoded there are what `decode` gives.
  const drawn = storageBuffer(device, 4 * 20 * 16, "drawn");
  await run.useInto(drawn, "decode", 20, { code: target });
  const grid = await createGrid(device, surface, { shape: [4, 4, 1], columns: 1, count: 1 });
  record(device, (encoder) => grid.draw(encoder, drawn));
  const [first] = await run.decode(codes);
  expect(Math.abs((await pixels())(8, 8)[0] - 255 * first)).toBeLessThan(1);
  await expect(run.useInto(target, "decode", 20, { code: target })).rejects.toThrow(
    "decode gives 1280 bytes for 20 rows, and the buffer has 160.",
  );
  for (const thing of [scatter, grid]) thing.dispose();
  await run.dispose();
});
