import { test } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import { type Dataset, labels, pixels, type Split } from "../../src/data/dataset.ts";
import {
  type Device,
  type DeviceOptions,
  requestDevice,
  type TunedChoices,
  withChoices,
} from "../../src/gpu/device.ts";
import type { ChoiceTable } from "../../src/gpu/profile.ts";
import { type Model, vae } from "../../src/models/index.ts";
import type { OptimizerOptions } from "../../src/nn/optimizers.ts";
import { permute } from "../../src/random/feistel.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../../src/train/trainer.ts";
import { type Driver, drivers, engineDevice, settle } from "./dawn.ts";
import { keptGpu } from "./kept-gpu.ts";
import { long } from "./long.ts";

// Tiny models compile many kernels and compute little: SwiftShader, where it is installed, is the quickest at that.
const quickest: Driver | undefined = drivers.includes("swiftshader") ? "swiftshader" : drivers[0];

/** The smallest tile for every product, whatever it is called: it compiles in a quarter of the time that others take. */
const smallTiles: ChoiceTable = { source: "candidate", entries: new Proxy({}, { get: () => "general 16" }) };

/** The same device, with products by the smallest tile; on a GPU and in the long suite with the tiles that a user gets. */
const forTinyModels = (device: Device): Device =>
  long || !device.profile.software ? device : withChoices(device, [smallTiles]);

/** The same for a job, which opens its device itself: what was measured on whatever adapter. */
export const tunedForTinyModels: TunedChoices | undefined = long
  ? undefined
  : new Proxy({}, { get: () => smallTiles.entries });

/**
 * The device that the tests of a process share. Skips the test where there is none. Unless a driver is named it is for tiny
 * models, whose products are computed by the smallest tile: every tile is held to float64 by tests of ops, kernels and the
 * self-test.
 */
export async function sharedDevice(driver?: Driver): Promise<Device> {
  const device = await engineDevice(driver ?? quickest);
  test.skip(device === undefined, "Dawn (the package webgpu) finds no adapter here");
  return driver ? device! : forTinyModels(device!);
}

/** Where jobs of tests get their devices: one that all of them share, with what was compiled on it. */
export const sharedGpu = async (): Promise<GPU> => keptGpu((await sharedDevice()).entry);

/** A device of a test's own, of the driver that `sharedDevice` gives. What replaces it when it is lost is shared. */
export async function freshDevice(options: DeviceOptions = {}, driver?: Driver): Promise<Device> {
  const { entry } = await sharedDevice(driver);
  return { ...forTinyModels(await requestDevice({ gpu: entry, settle, ...options })), entry: keptGpu(entry) };
}

/** Random bytes with something to learn: every example is near one of three patterns. */
export function patterns(trainCount: number, testCount: number, shape: readonly number[], seed = 1): Dataset {
  const features = shape.reduce((product, extent) => product * extent, 1);
  const byte = (index: number, key: number) =>
    permute(index % 65_536, 65_536, [seed, key], Math.floor(index / 65_536)) & 255;
  const split = (count: number, key: number): Split => ({
    count,
    values: {
      x: Uint8Array.from({ length: count * features }, (_, k) => {
        const pattern = Math.floor(k / features) % 3;
        return 0.75 * byte(pattern * features + (k % features), 0) + 0.25 * byte(k, key);
      }),
      label: Uint8Array.from({ length: count }, (_, k) => k % 3),
    },
  });
  const fields = { x: pixels(shape), label: labels(3) };
  return { name: "patterns", fields, train: split(trainCount, 1), test: split(testCount, 2) };
}

/** A VAE of a hundred numbers, without hidden layers: what is compiled for it is little. */
export const tinyVae = (options: Partial<Parameters<typeof vae>[0]> = {}): Model =>
  vae({ input: [4, 4, 1], hidden: [], latent: 2, ...options });

/** Options of a test's trainer; of the optimizer, what differs from Adam at a learning rate of 0.01. */
export const tinyOptions = (
  dataset: Dataset,
  { optimizer, ...options }: Partial<Omit<TrainerOptions, "optimizer">> & { optimizer?: OptimizerOptions } = {},
): TrainerOptions => ({
  ...trainingWith({ optimizer: { learningRate: 1e-2, ...optimizer } }),
  dataset,
  batchSize: 8,
  seed: 3,
  ...options,
});

/** Which stage a trainer stands in, and how long that goes. */
interface Entered {
  readonly stage?: number;
  readonly steps?: number;
}

/** A trainer at the beginning of a stage: the first, of a thousand steps, unless told. */
export async function enteredTrainer(
  device: Device,
  model: Model,
  options: TrainerOptions,
  { stage = 0, steps = 1000 }: Entered = {},
): Promise<Trainer> {
  const trainer = await createTrainer(device, model, options);
  try {
    await trainer.enter(stage, 0, steps);
    return trainer;
  } catch (error) {
    trainer.dispose();
    throw error;
  }
}

/** Creates a trainer at the beginning of a stage, and disposes of it when `use` ends. */
export async function withTrainer<T>(
  device: Device,
  model: Model,
  options: TrainerOptions,
  use: (trainer: Trainer) => Promise<T>,
  entered: Entered = {},
): Promise<T> {
  const trainer = await enteredTrainer(device, model, options, entered);
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
