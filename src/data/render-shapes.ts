import { encodeDownload, storageBuffer, upload } from "../gpu/buffers.ts";
import { record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import { renderPoses } from "../kernels/shapes.ts";
import { createProgram } from "../runtime/program.ts";
import type { Dataset } from "./dataset.ts";
import { FACTOR_COUNT } from "./shapes/factors.ts";
import { POSE_NUMBERS, posesOf } from "./shapes/pose.ts";
import { chooseFactors, type ShapesOptions, shapesDataset, splitOf } from "./shapes.ts";
import { progressOf, type SliceOptions } from "./slices.ts";

/** Of the images that one launch draws. */
const LAUNCH_BYTES = 2 ** 24;

/**
 * The data set of `shapes`, drawn on the GPU and read back, launch by launch: nothing waits for it meanwhile. Factors are
 * the same, and bytes the same but for a few at the edges of shapes, off by one.
 *
 * @throws ReparamError "config" as `shapes`, "device" where the device is lost, "aborted" when `signal` aborts.
 */
export async function renderShapes(device: Device, options: ShapesOptions & SliceOptions = {}): Promise<Dataset> {
  const { size, train, test } = chooseFactors(options);
  const [trainCount, testCount] = [train, test].map(({ length }) => length / FACTOR_COUNT);
  const progress = progressOf("shapes", trainCount + testCount, options);
  const perLaunch = Math.min(Math.max(trainCount, testCount), Math.floor(LAUNCH_BYTES / size ** 2));
  const poses = storageBuffer(device, 4 * POSE_NUMBERS * perLaunch, "poses");
  const images = storageBuffer(device, size ** 2 * perLaunch, "images");
  try {
    const dispatches = [renderPoses({ count: perLaunch, size, poseNumbers: POSE_NUMBERS })];
    const program = await createProgram(device, { dispatches, slots: [], outputs: {} }, { buffers: { poses, images } });
    const render = async (factors: Uint8Array) => {
      const count = factors.length / FACTOR_COUNT;
      const result = new Uint8Array(count * size ** 2);
      for (let first = 0; first < count; first += perLaunch) {
        progress.check();
        const drawn = Math.min(perLaunch, count - first);
        const part = factors.subarray(first * FACTOR_COUNT, (first + drawn) * FACTOR_COUNT);
        upload(device, poses, posesOf(part, size));
        const encoder = device.gpu.createCommandEncoder();
        record(encoder, program.encode);
        const copied = encodeDownload(device, encoder, images, 0, drawn * size ** 2);
        device.gpu.queue.submit([encoder.finish()]);
        result.set(new Uint8Array(await copied()), first * size ** 2);
        progress.add(drawn);
      }
      device.check();
      return splitOf(factors, result);
    };
    return shapesDataset(size, await render(train), await render(test));
  } finally {
    poses.destroy();
    images.destroy();
  }
}
