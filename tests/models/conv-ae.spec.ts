import { expect, test } from "@playwright/test";
import { pixels } from "../../src/data/dataset.ts";
import { convNetworks, upsampledConvolutions } from "../../src/models/conv-parts.ts";
import { convAe, convDenoisingAe } from "../../src/models/index.ts";
import { activation } from "../../src/nn/layers.ts";
import * as ops from "../../src/ops/public.ts";
import { usePass } from "../../src/train/batch.ts";
import { stageGraphs } from "../../src/train/objective.ts";
import { expectSameStep } from "../support/float64-step.ts";
import { onBoth } from "../support/on-both.ts";
import { patterns, sharedDevice } from "../support/training.ts";

const weightsOf = (options: Partial<Parameters<typeof convAe>[0]>) =>
  convAe({ input: [28, 28, 1], ...options })
    .parameters.filter(({ name }) => name.endsWith("weight"))
    .map(({ name, shape }) => [name, ...shape]);

test("convolutions lead to a dense layer to the code, and their mirror leads back", () => {
  expect(weightsOf({})).toEqual([
    ["encoder.conv.0.weight", 3, 3, 1, 32],
    ["encoder.conv.1.weight", 3, 3, 32, 64],
    ["encoder.out.weight", 3136, 32],
    ["decoder.dense.weight", 32, 3136],
    ["decoder.conv.0.weight", 3, 3, 64, 64],
    ["decoder.conv.1.weight", 3, 3, 32, 64],
    ["decoder.out.weight", 3, 3, 1, 32],
  ]);
  // A convolution's kernels are [KH, KW, in, out].
  expect(weightsOf({ upsampling: "nearest" }).slice(4)).toEqual([
    ["decoder.conv.0.weight", 3, 3, 64, 64],
    ["decoder.conv.1.weight", 3, 3, 64, 32],
    ["decoder.out.weight", 3, 3, 32, 1],
  ]);
});

test("images of any size come out of both decoders as they went into the encoder", () => {
  const sizes = [
    [28, 28, 1],
    [5, 7, 3],
    [1, 1, 2],
    [9, 4, 1],
  ];
  for (const input of sizes) {
    for (const upsampling of ["transposed", "nearest"] as const) {
      const model = convAe({ input, channels: [2, 3, 5], latent: 4, upsampling });
      const x = ops.input("x", [2, ...input]);
      expect(model.uses.encode.apply({ x }, usePass(2)).shape).toEqual([2, 4]);
      expect(model.uses.reconstruct.apply({ x }, usePass(2)).shape).toEqual([2, ...input]);
      stageGraphs(model, model.stages[0], 2, true);
    }
  }
});

test("with kernels that copy, the up-sampling decoder repeats every number of the smallest image four by four", async () => {
  const [height, width] = [6, 5];
  const layers = upsampledConvolutions({
    name: "decoder",
    image: [height, width, 1],
    channels: [1, 1],
    normalization: "none",
    activation: activation("relu"),
    initializer: "glorot",
  });
  const smallest = ops.input("smallest", [1, 4]);
  const output = layers.reduce((h, layer) => layer.apply(h, usePass(1)), smallest);
  const copying = Object.fromEntries(
    layers
      .flatMap(({ parameters }) => parameters)
      .map(({ name, shape }) => [name, shape.length === 4 ? [0, 0, 0, 0, 1, 0, 0, 0, 0] : [0]]),
  );
  const { y } = await onBoth({ y: output }, { ...copying, smallest: [1, 2, 3, 4] });
  const repeated = Array.from({ length: height }, (_, i) =>
    Array.from({ length: width }, (_, j) => 1 + 2 * Math.floor(i / 4) + Math.floor(j / 4)),
  );
  expect([...y]).toEqual(repeated.flat());
});

test("a step of the up-sampling decoder, with norms and an odd size, is the interpreter's", async () => {
  const dataset = patterns(21, 3, [5, 7, 1]);
  const options = { channels: [4, 8], latent: 3, upsampling: "nearest", normalization: "batch" } as const;
  const model = convDenoisingAe({ data: dataset, ...options });
  await expectSameStep(await sharedDevice(), { model, dataset, batchSize: 8, seed: 9, epoch: 2 });
});

test("what is no image is refused in words, whichever the decoder", () => {
  for (const upsampling of ["transposed", "nearest"] as const) {
    expect(() => convAe({ input: [784], upsampling })).toThrow("Convolutions take images [height, width, channels]");
  }
});

test("a dense layer between convolutions and code, and dropout behind it, are there where they are asked for", () => {
  const common = { channels: [4], latent: 2, activation: "relu", normalization: "none", initializer: "he" } as const;
  const shapes = (more: object) =>
    convNetworks(pixels([6, 6, 1]), { ...common, ...more }).encoder.parameters.map(({ name, shape }) => [
      name,
      ...shape,
    ]);
  expect(shapes({}).slice(2)).toEqual([
    ["encoder.out.weight", 36, 2],
    ["encoder.out.bias", 2],
  ]);
  expect(shapes({ dense: 5, encoded: 4, dropout: 0.5 }).slice(2)).toEqual([
    ["encoder.dense.weight", 36, 5],
    ["encoder.dense.bias", 5],
    ["encoder.out.weight", 5, 4],
    ["encoder.out.bias", 4],
  ]);
});
