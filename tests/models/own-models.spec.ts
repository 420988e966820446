import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { collect, digits, fit, interpret, type Node, type Parameter } from "../../src/index.ts";
import { sizeOf } from "../../src/node/node.ts";
import { fieldBuffer, openBatch, WEIGHT } from "../../src/train/batch.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";
import { shallowAe } from "./own-family.ts";
import { smallConvVae, sparseAutoencoder, twoLevelVae } from "./own-models.ts";

test("docs/models.md shows the models that are trained here, letter for letter", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const page = read("../../docs/models.md");
  const models = read("own-models.ts").replaceAll("export function", "function");
  for (const code of [models, read("own-family.ts")]) {
    expect(page).toContain(code.replace('"../../src/index.ts"', '"reparam"'));
  }
});

const data = digits({ trainCount: 64, testCount: 16 });

for (const [name, build, latent, epochs] of [
  ["a variational autoencoder of one's own layers", smallConvVae, 8, 3],
  ["an autoencoder by hand, with a layer of its own", sparseAutoencoder, 64, 3],
  ["a variational autoencoder of two levels", twoLevelVae, 16, 3],
  ["a family of one's own", () => shallowAe({ data, latent: 16 }), 16, 3],
] as const) {
  test(`${name} learns, encodes and decodes`, async () => {
    test.skip(build === twoLevelVae && !long, onlyLong); // its terms are looked at below
    const model = build();
    const run = fit(await sharedDevice(), model, data, { epochs, batchSize: 8, learningRate: 1e-2, seed: 1 });
    const losses: number[] = [];
    for await (const { test } of run) losses.push(test.loss);
    expect(losses.length).toBe(epochs);
    expect(losses[epochs - 1]).toBeLessThan(0.9 * losses[0]);
    const pixels = model.stages[0].objectives[0].unit === "nats"; // probabilities of Bernoulli pixels
    if (pixels) expect(losses[epochs - 1]).toBeLessThan(784 * Math.LN2 * 0.75); // better than grey
    const codes = await run.encode(new Float32Array(784));
    expect(codes.length).toBe(latent);
    const image = await run.decode(codes);
    expect(image.length).toBe(784);
    expect(image.every(pixels ? (value) => value >= 0 && value <= 1 : Number.isFinite)).toBe(true);
    await run.dispose();
  });
}

test("the divergences of both levels are those of normal distributions", () => {
  const model = twoLevelVae();
  const { batch, pass } = openBatch(model, 2, { training: true });
  const { kl1, kl2 } = model.stages[0].objectives[0].terms(batch, pass);
  // Layers that give their biases alone: 16 and 8 means, then as many logs of variances.
  const biases: Record<string, number[]> = { q1: [0.7, -1], q2: [-1.5, 0.5], p1: [0.2, 0.4] };
  const value = ({ name, shape, initialize }: Parameter) => {
    const [network, layer, kind] = name.split(".");
    if (layer !== "out" || !(network in biases)) return initialize(1);
    const half = shape[0] / 2;
    return Float32Array.from({ length: sizeOf(shape) }, (_, k) =>
      kind === "bias" ? biases[network][Number(k >= half)] : 0,
    );
  };
  const feeds = {
    ...Object.fromEntries(model.parameters.map((parameter) => [parameter.name, value(parameter)])),
    [WEIGHT]: [1, 1],
    [fieldBuffer("x")]: new Float32Array(2 * 784),
  };
  const values = interpret(collect({ kl1: kl1 as Node, kl2: kl2 as Node }), { feeds });
  const divergence = (n: number, [m, v]: number[], [p, w]: number[]) =>
    (n / 2) * (w - v - 1 + (Math.exp(v) + (m - p) ** 2) / Math.exp(w));
  for (const kl of values.kl1) expect(kl).toBeCloseTo(divergence(16, biases.q1, biases.p1), 5);
  for (const kl of values.kl2) expect(kl).toBeCloseTo(divergence(8, biases.q2, [0, 0]), 5);
});
