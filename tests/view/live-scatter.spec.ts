import { expect, test } from "@playwright/test";
import { vae } from "../../src/models/index.ts";
import { fit } from "../../src/train/fit.ts";
import { liveScatter } from "../../src/worker/live-scatter.ts";
import { patterns, sharedDevice } from "../support/training.ts";

// What a worker draws of its run. Node has no canvas: one whose textures can be read stands for it, and frames come when asked for.

const SIDE = 64;

test("dots are drawn where the run's codes are, follow the sight, and glide to the codes of a later model", async () => {
  const device = await sharedDevice();
  const { gpu, settle } = device;
  const { COPY_SRC, RENDER_ATTACHMENT } = GPUTextureUsage;
  let texture: GPUTexture | undefined;
  const canvas = {
    width: 1,
    height: 1,
    getContext: () => ({
      configure: ({ format }: GPUCanvasConfiguration) => {
        texture = gpu.createTexture({ size: [SIDE, SIDE], format, usage: COPY_SRC | RENDER_ATTACHMENT });
      },
      getCurrentTexture: () => texture!,
    }),
  } as unknown as OffscreenCanvas;
  const frames: FrameRequestCallback[] = [];
  Object.assign(globalThis, {
    requestAnimationFrame: (frame: FrameRequestCallback) => frames.push(frame),
    cancelAnimationFrame: () => frames.splice(0),
  });
  /** The middle pixel, all channels of which are the dot's or the ground's whatever their order is. */
  const middle = async () => {
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const staging = gpu.createBuffer({ size: 4 * SIDE * SIDE, usage });
    const encoder = gpu.createCommandEncoder();
    encoder.copyTextureToBuffer({ texture: texture! }, { buffer: staging, bytesPerRow: 4 * SIDE }, [SIDE, SIDE]);
    gpu.queue.submit([encoder.finish()]);
    await settle(staging.mapAsync(GPUMapMode.READ));
    const at = 4 * (SIDE * (SIDE / 2) + SIDE / 2);
    const pixel = [...new Uint8Array(staging.getMappedRange().slice(at, at + 4))];
    staging.destroy();
    return pixel;
  };

  const data = patterns(32, 20, [4, 4, 1]);
  const run = fit(device, vae({ data, hidden: [8], latent: 2 }), data, { epochs: 2, batchSize: 8, learningRate: 0.05 });
  await run.pause();
  const x = Float32Array.from(data.test.values.x, (byte) => byte / 255);
  const before = await run.encode(x);
  const scatter = liveScatter(run, () => device, canvas, {
    use: "encode",
    inputs: { x },
    count: 20,
    latent: 2,
    classes: new Uint32Array(20),
    palette: [[1, 1, 1, 1]],
  });
  // So near that only the first dot is in sight.
  const near = { scale: 1e4, radius: 4, width: SIDE, height: SIDE, ground: [0, 0, 0, 1] } as const;
  await scatter.show({ ...near, middle: [before[0], before[1]] });
  expect(await scatter.update()).toEqual(before);
  expect([canvas.width, canvas.height]).toEqual([SIDE, SIDE]);
  expect(await middle()).toEqual([255, 255, 255, 255]);
  await scatter.show({ ...near, middle: [before[0] + 0.01, before[1]] });
  expect(await middle()).toEqual([0, 0, 0, 255]);

  // The model learns: at its first frame the dot is on its way, and in the end it is there. An hour never ends here.
  run.resume();
  await run.finished;
  await scatter.show({ ...near, middle: [before[0], before[1]], glideMilliseconds: 3_600_000 });
  const after = await scatter.update();
  expect(after[0]).not.toBe(before[0]);
  expect(frames).toHaveLength(1);
  await scatter.show({ ...near, middle: [after[0], after[1]] });
  expect(frames).toHaveLength(0);
  expect(await middle()).toEqual([255, 255, 255, 255]);
  // On another plane the first number of the code goes up, not right.
  await scatter.move({ mean: [0, 0], axes: [0, 1, 1, 0] });
  await scatter.show({ ...near, middle: [after[1], after[0]], palette: [[0.5, 0.5, 0.5, 1]] });
  expect((await middle()).map((byte) => Math.abs(byte - 128) <= 1 || byte === 255)).toEqual([true, true, true, true]);
  expect((await middle())[0]).toBeLessThan(130);
  await scatter.dispose();
  await run.dispose();
});
