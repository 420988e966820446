import { test } from "@playwright/test";
import type { Dataset } from "../../src/data/dataset.ts";
import { type Device, type DeviceOptions, requestDevice } from "../../src/gpu/device.ts";
import { type Model, type VaeOptions, vae } from "../../src/models/index.ts";
import { permute } from "../../src/random/feistel.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../../src/train/trainer.ts";
import { type Driver, drivers, engineDevice, settle } from "./dawn.ts";

// Tiny models compile many kernels and compute little: SwiftShader, where it is installed, is the quickest at that.
const quickest: Driver | undefined = drivers.includes("swiftshader") ? "swiftshader" : drivers[0];

/** The device that the tests of a process share; for tiny models unless a driver is named. Skips the test where there is none. */
export async function sharedDevice(driver: Driver | undefined = quickest): Promise<Device> {
  const device = await engineDevice(driver);
  test.skip(device === undefined, "Dawn (the package webgpu) finds no adapter here");
  return device!;
}

/** A device of a test's own. */
export async function freshDevice(options: DeviceOptions = {}): Promise<Device> {
  return requestDevice({ gpu: (await sharedDevice()).entry, settle, ...options });
}

/** Random bytes with something to learn: every example is near one of three patterns. */
export function patterns(trainCount: number, testCount: number, shape: readonly number[], seed = 1): Dataset {
  const features = shape.reduce((product, extent) => product * extent, 1);
  const byte = (index: number, key: number) =>
    permute(index % 65_536, 65_536, [seed, key], Math.floor(index / 65_536)) & 255;
  const split = (count: number, key: number) => ({
    count,
    examples: Uint8Array.from({ length: count * features }, (_, k) => {
      const pattern = Math.floor(k / features) % 3;
      return 0.75 * byte(pattern * features + (k % features), 0) + 0.25 * byte(k, key);
    }),
    labels: Uint8Array.from({ length: count }, (_, k) => k % 3),
  });
  return { name: "patterns", shape, train: split(trainCount, 1), test: split(testCount, 2) };
}

/** A VAE of a few hundred numbers. */
export const tinyVae = (options: Partial<VaeOptions> = {}): Model =>
  vae({ input: [4, 4, 1], hidden: [8], latent: 2, likelihood: "bernoulli", ...options });

export const tinyOptions = (dataset: Dataset, options: Partial<TrainerOptions> = {}): TrainerOptions => ({
  dataset,
  batchSize: 8,
  optimizer: { name: "adam", learningRate: 1e-2 },
  learningRateSchedule: { name: "constant" },
  klWeight: { name: "constant" },
  totalSteps: 1000,
  seed: 3,
  ...options,
});

/** Creates a trainer, and disposes of it when `use` ends. */
export async function withTrainer<T>(
  device: Device,
  model: Model,
  options: TrainerOptions,
  use: (trainer: Trainer) => Promise<T>,
): Promise<T> {
  const trainer = await createTrainer(device, model, options);
  try {
    return await use(trainer);
  } finally {
    trainer.dispose();
    device.check();
  }
}

/** max |a − b| / max |b|; NaN where a value is. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let scale = 0;
  for (let k = 0; k < expected.length; k++) {
    error = Math.max(error, Math.abs(actual[k] - expected[k]));
    scale = Math.max(scale, Math.abs(expected[k]));
  }
  return error === 0 ? 0 : error / scale;
}
