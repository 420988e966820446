import { expect, test } from "@playwright/test";
import { buildModel, presetConfig } from "../../src/config/config.ts";
import { type Dataset, pixels } from "../../src/data/dataset.ts";
import { digits } from "../../src/data/digits.ts";
import { convVae } from "../../src/models/index.ts";
import * as ops from "../../src/ops/public.ts";
import { usePass } from "../../src/train/batch.ts";
import { stageGraphs } from "../../src/train/objective.ts";
import { long, onlyLong } from "../support/long.ts";
import { randomNumbers } from "../support/numbers.ts";
import { patterns, sharedDevice, tinyOptions, withTrainer } from "../support/training.ts";

const tiny = () => convVae({ input: [6, 6, 1], channels: [4, 8], dense: 6 });

test("its layers mirror each other, with kernels [KH, KW, in, out] and, transposed, [KH, KW, out, in]", () => {
  const { parameters, uses } = convVae({ input: [28, 28, 1] });
  const weights = parameters.filter(({ name }) => name.endsWith("weight")).map(({ name, shape }) => [name, ...shape]);
  expect(uses.encode.to.shape).toEqual([2]);
  expect(weights).toEqual([
    ["encoder.conv.0.weight", 3, 3, 1, 32],
    ["encoder.conv.1.weight", 3, 3, 32, 64],
    ["encoder.dense.weight", 3136, 16],
    ["encoder.out.weight", 16, 4],
    ["decoder.dense.weight", 2, 3136],
    ["decoder.conv.0.weight", 3, 3, 64, 64],
    ["decoder.conv.1.weight", 3, 3, 32, 64],
    ["decoder.out.weight", 3, 3, 1, 32],
  ]);
});

test("images of any size come out of the decoder as they went into the encoder", () => {
  for (const input of [
    [28, 28, 1],
    [32, 32, 3],
    [5, 7, 1],
    [1, 1, 2],
    [9, 4, 3],
  ]) {
    for (const channels of [[4], [4, 8], [2, 3, 5]]) {
      const model = convVae({ input, channels, latent: 3 });
      const x = ops.input("x", [2, ...input]);
      expect(model.uses.encode.apply({ x }, usePass(2)).shape).toEqual([2, 3]);
      expect(model.uses.reconstruct.apply({ x }, usePass(2)).shape).toEqual([2, ...input]);
      stageGraphs(model, model.stages[0], 2, true);
    }
  }
});

test("what is no image, and no convolution at all, is refused in words", () => {
  expect(() => convVae({ input: [784] })).toThrow(
    "Convolutions take images [height, width, channels], and x is [784].",
  );
  expect(() => convVae({ input: [28, 28, 1], channels: [] })).toThrow(
    "conv-vae: channels must be a list of layer widths such as [32,64], but it is [].",
  );
  expect(() => convVae({ input: [28, 28, 1], channels: [8, 0.5] })).toThrow(
    "conv-vae: channels.1 must be a whole number from 1 to 65536, but it is 0.5.",
  );
});

test("weights begin within the bounds that the fans of each layer give", () => {
  const bound = (initializer: "pytorch" | "glorot", name: string) => {
    const { parameters } = convVae({ input: [28, 28, 1], initializer });
    return Math.max(
      ...parameters
        .find((parameter) => parameter.name === name)!
        .initialize(1)
        .map(Math.abs),
    );
  };
  // The largest of many thousand uniform numbers is within a thousandth of the bound.
  expect(bound("pytorch", "encoder.conv.1.weight")).toBeCloseTo(1 / Math.sqrt(9 * 32), 4);
  expect(bound("pytorch", "decoder.conv.1.weight")).toBeCloseTo(1 / Math.sqrt(9 * 32), 4);
  expect(bound("glorot", "encoder.conv.1.weight")).toBeCloseTo(Math.sqrt(6 / (9 * (32 + 64))), 4);
  // With stride 2 a quarter of 9 · 64 products meet in one output.
  expect(bound("glorot", "decoder.conv.0.weight")).toBeCloseTo(Math.sqrt(6 / ((9 * 64) / 4 + 9 * 64)), 4);
});

test("a dozen steps on the digits bring the loss down", async () => {
  test.skip(!long, onlyLong);
  const model = convVae({ input: [28, 28, 1], channels: [8, 8] });
  const dataset = digits({ trainCount: 64, testCount: 32 });
  await withTrainer(await sharedDevice(), model, tinyOptions(dataset, { batchSize: 32 }), async (trainer) => {
    const losses: number[] = [];
    await trainer.train(12, ({ metrics }) => losses.push(metrics[0]));
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses[11]).toBeLessThan(0.75 * losses[0]);
  });
});

/** A light disc of random place and size on every image. */
function discs(trainCount: number, testCount: number, size: number): Dataset {
  const split = (count: number, seed: number) => {
    const next = randomNumbers(seed);
    const examples = new Uint8Array(count * size * size);
    for (let k = 0; k < count; k++) {
      const [x, y, radius] = [size * (0.3 + 0.4 * next()), size * (0.3 + 0.4 * next()), size * (0.1 + 0.15 * next())];
      for (let pixel = 0; pixel < size * size; pixel++) {
        const distance = Math.hypot((pixel % size) - x, Math.floor(pixel / size) - y);
        examples[k * size * size + pixel] = 255 / (1 + Math.exp(distance - radius));
      }
    }
    return { count, values: { x: examples } };
  };
  return {
    name: "discs",
    fields: { x: pixels([size, size, 1]) },
    train: split(trainCount, 1),
    test: split(testCount, 2),
  };
}

test("the preset for 64x64 learns images of 64x64", async () => {
  test.skip(!long, onlyLong);
  const dataset = discs(640, 16, 64);
  const model = buildModel(presetConfig("conv-vae-64").model, dataset);
  const config = tinyOptions(dataset, { batchSize: 16, optimizer: { learningRate: 3e-3 } });
  await withTrainer(await sharedDevice(), model, config, async (trainer) => {
    const before = (await trainer.evaluate(0))!;
    await trainer.train(120, () => {});
    const after = (await trainer.evaluate(1))!;
    // Evaluation uses running statistics, so they have to be right for this.
    expect(after.loss).toBeLessThan(0.2 * before.loss);
  });
});

test("normalisation and dropout are layers of their own, and absent unless asked for", () => {
  const names = (options: Partial<Parameters<typeof convVae>[0]>) =>
    convVae({ input: [6, 6, 1], channels: [4], dense: 6, ...options }).parameters.map(({ name }) => name);
  const plain = names({});
  expect(names({ normalization: "none", dropout: 0.5 })).toEqual(plain);
  const affine = ["encoder", "decoder"].flatMap((part) => [`${part}.norm.0.weight`, `${part}.norm.0.bias`]);
  expect(new Set(names({ normalization: "layer" }))).toEqual(new Set([...plain, ...affine]));
  expect(new Set(names({ normalization: "group" }))).toEqual(new Set([...plain, ...affine]));
  // A batch norm takes constants away again, so the convolutions before it have no bias.
  const statistics = ["encoder", "decoder"].flatMap((part) =>
    ["runningMean", "runningVariance"].map((name) => `${part}.norm.0.${name}`),
  );
  const biases = ["encoder.conv.0.bias", "decoder.conv.0.bias"];
  expect(new Set(names({ normalization: "batch" }))).toEqual(
    new Set([...plain, ...affine, ...statistics].filter((name) => !biases.includes(name))),
  );
});

test("a run that was interrupted ends with the same bytes", async () => {
  test.skip(!long, onlyLong);
  const device = await sharedDevice();
  const options = tinyOptions(patterns(37, 11, [6, 6, 1]));
  const whole = await withTrainer(device, tiny(), options, async (trainer) => {
    await trainer.train(20, () => {});
    return trainer.snapshot();
  });
  const half = await withTrainer(device, tiny(), options, async (trainer) => {
    await trainer.train(9, () => {});
    return trainer.snapshot();
  });
  const resumed = await withTrainer(device, tiny(), options, async (trainer) => {
    trainer.restore(half);
    await trainer.train(11, () => {});
    return trainer.snapshot();
  });
  expect(resumed).toEqual(whole);
  expect(half.parameters).not.toEqual(whole.parameters);
});
