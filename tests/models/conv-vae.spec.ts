import { expect, test } from "@playwright/test";
import { digits } from "../../src/data/digits.ts";
import { collect } from "../../src/graph/graph.ts";
import { convVae } from "../../src/models/index.ts";
import { inference } from "../../src/nn/layers.ts";
import * as ops from "../../src/ops/public.ts";
import { patterns, sharedDevice, tinyOptions, withTrainer } from "../support/training.ts";

const tiny = () => convVae({ input: [6, 6, 1], channels: [4, 8], dense: 6 });

test("its layers mirror each other, with kernels [KH, KW, in, out] and, transposed, [KH, KW, out, in]", () => {
  const { parameters, latent } = convVae({ input: [28, 28, 1] });
  const weights = parameters.filter(({ name }) => name.endsWith("weight")).map(({ name, shape }) => [name, ...shape]);
  expect(latent).toBe(2);
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
      const features = input.reduce((a, b) => a * b);
      const model = convVae({ input, channels, latent: 3 });
      const x = ops.input("x", [2, features]);
      expect(model.encode(x).shape).toEqual([2, 3]);
      expect(model.decode(model.encode(x)).shape).toEqual([2, features]);
      collect({ ...model.terms(x, inference) });
    }
  }
});

test("what is no image, and no convolution at all, is refused in words", () => {
  expect(() => convVae({ input: [784] })).toThrow(
    "convVae: input is [784] and channels [32,64]; it takes images [height, width, channels]",
  );
  expect(() => convVae({ input: [28, 28, 1], channels: [] })).toThrow(
    "it takes images [height, width, channels] and one convolution or more",
  );
  expect(() => convVae({ input: [28, 28, 1], channels: [8, 0.5] })).toThrow(
    "convVae: channels is [8,0.5], and sizes are whole numbers above 0.",
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
  const model = convVae({ input: [28, 28, 1], channels: [8, 8] });
  const dataset = digits({ trainCount: 64, testCount: 32 });
  await withTrainer(await sharedDevice(), model, tinyOptions(dataset, { batchSize: 32 }), async (trainer) => {
    const losses: number[] = [];
    await trainer.train(12, ({ metrics }) => losses.push(metrics[0]));
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses[11]).toBeLessThan(0.75 * losses[0]);
  });
});

test("a run that was interrupted ends with the same bytes", async () => {
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
