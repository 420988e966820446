import { expect, test } from "@playwright/test";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { type Model, vae } from "../../src/models/index.ts";
import type { Node } from "../../src/node/node.ts";
import { fieldBuffer, openBatch } from "../../src/train/batch.ts";
import { long, onlyLong } from "../support/long.ts";
import { patterns, sharedDevice, tinyOptions, tinyVae, withTrainer } from "../support/training.ts";

const BATCH = 3;

/** Loss terms of each example by the interpreter. */
function terms(
  model: Model,
  x: readonly number[],
  weights: (name: string) => ArrayLike<number> | undefined,
  klWeight = 1,
) {
  const [{ objectives }] = model.stages;
  const { batch, pass } = openBatch(model, BATCH, { training: false });
  const graph = collect(objectives[0].terms(batch, pass) as Record<string, Node>);
  const feeds = Object.fromEntries(
    model.parameters.map((parameter) => [parameter.name, weights(parameter.name) ?? parameter.initialize(1)]),
  );
  return interpret(graph, { feeds: { ...feeds, [fieldBuffer("x")]: x, klWeight: [klWeight] } });
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);
const x = Array.from({ length: BATCH * 6 }, (_, k) => (k % 5) / 4);

test("its layers are named as in PyTorch's VAE, with the decoder's widths in reverse", () => {
  const { parameters } = vae({ input: [28, 28, 1], hidden: [512, 256], latent: 2 });
  expect(parameters.filter(({ name }) => name.endsWith("weight")).map(({ name, shape }) => [name, ...shape])).toEqual([
    ["encoder.0.weight", 784, 512],
    ["encoder.1.weight", 512, 256],
    ["encoder.out.weight", 256, 4],
    ["decoder.0.weight", 2, 256],
    ["decoder.1.weight", 256, 512],
    ["decoder.out.weight", 512, 784],
  ]);
});

test("without weights the code is the prior, every pixel is undecided, and the loss is D ln 2", () => {
  const model = vae({ input: [6], hidden: [4], latent: 2, likelihood: "bernoulli" });
  const zeros = (name: string) =>
    new Float32Array(model.parameters.find((parameter) => parameter.name === name)!.shape.reduce((a, b) => a * b));
  const { loss, reconstruction, kl } = terms(model, x, zeros);
  for (let example = 0; example < BATCH; example++) {
    expect(kl[example]).toBe(0);
    expect(reconstruction[example]).toBeCloseTo(6 * Math.LN2, 12);
    expect(loss[example]).toBe(reconstruction[example]);
  }
});

test("a Gaussian likelihood of standard deviation 1 costs ½ (D ln 2π + ‖x − mean‖²)", () => {
  const model = vae({ input: [6], hidden: [], latent: 2, likelihood: "gaussian" });
  const bias = Float32Array.of(0.5, 0, 0.25, 0, 1, 0);
  const weights = (name: string) =>
    name === "decoder.out.bias"
      ? bias
      : new Float32Array(model.parameters.find((parameter) => parameter.name === name)!.shape.reduce((a, b) => a * b));
  const { reconstruction } = terms(model, x, weights);
  for (let example = 0; example < BATCH; example++) {
    const squares = sum(bias.map((mean, k) => (x[6 * example + k] - mean) ** 2));
    expect(reconstruction[example]).toBeCloseTo(0.5 * (6 * Math.log(2 * Math.PI) + squares), 6);
  }
});

test("the loss is reconstruction + klWeight · KL, and the KL is never negative", () => {
  const model = vae({ input: [6], hidden: [4], latent: 2 });
  for (const klWeight of [0, 0.25, 1, 4]) {
    const { loss, reconstruction, kl } = terms(model, x, () => undefined, klWeight);
    for (let example = 0; example < BATCH; example++) {
      expect(kl[example]).toBeGreaterThan(0);
      expect(loss[example]).toBeCloseTo(reconstruction[example] + klWeight * kl[example], 12);
    }
  }
});

test("sizes that are no whole numbers above 0 are refused by name", () => {
  expect(() => vae({ input: [28, 0], latent: 2 })).toThrow(/\[28,0\]/);
  expect(() => vae({ input: [28], latent: 0 })).toThrow(
    "vae: latent must be a whole number from 1 to 65536, but it is 0.",
  );
  expect(() => vae({ input: [28], latent: 2, hidden: [1.5] })).toThrow(/vae: hidden\.0 must be .*, but it is 1\.5/);
  expect(() => vae({ input: [28], widht: 3 } as object as { input: number[] })).toThrow(
    /^vae: there is no option widht; did you mean/,
  );
  expect(() => vae({ latent: 3 } as object as { input: number[] })).toThrow(
    /^vae: give `data`, a data set, or `input`/,
  );
});

/** Trains a tiny model and returns its last test losses. */
const losses = async (model: Model, options: Parameters<typeof tinyOptions>[1], steps: number) =>
  withTrainer(await sharedDevice(), model, tinyOptions(patterns(24, 24, [4, 4, 1]), options), async (trainer) => {
    await trainer.train(steps, () => {});
    return (await trainer.evaluate(0))!;
  });

test("a heavier KL costs reconstruction and buys KL", async () => {
  test.skip(!long, onlyLong);
  const weight = (value: number) => losses(tinyVae({ klWeight: value }), {}, 600);
  const [none, normal, heavy] = [await weight(0.01), await weight(1), await weight(100)];
  expect(none.kl).toBeGreaterThan(normal.kl);
  expect(normal.kl).toBeGreaterThan(heavy.kl);
  expect(heavy.kl).toBeLessThan(0.01);
  expect(none.reconstruction).toBeLessThan(normal.reconstruction);
  expect(normal.reconstruction).toBeLessThan(heavy.reconstruction);
});

test("a decoder memorises one image to a mean squared error below 1e-4", async () => {
  test.skip(!long, onlyLong);
  const all = patterns(1, 1, [4, 4, 1]);
  for (const likelihood of ["bernoulli", "gaussian"] as const) {
    const options = tinyOptions(all, { batchSize: 1, optimizer: { learningRate: 0.02 } });
    await withTrainer(await sharedDevice(), tinyVae({ likelihood, klWeight: 0 }), options, async (trainer) => {
      await trainer.train(1000, () => {});
      const image = Float32Array.from(all.train.values.x, (byte) => byte / 255);
      const decoded = await trainer.uses.run("reconstruct", 1, { x: image });
      expect(sum(decoded.map((value, k) => (value - image[k]) ** 2)) / 16).toBeLessThan(1e-4);
    });
  }
});
