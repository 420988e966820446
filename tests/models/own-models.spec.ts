import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { digits, fit } from "../../src/index.ts";
import { sharedDevice } from "../support/training.ts";
import { shallowAe } from "./own-family.ts";
import { smallConvVae, sparseAutoencoder } from "./own-models.ts";

test("docs/models.md shows the models that are trained here, letter for letter", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const page = read("../../docs/models.md");
  const models = read("own-models.ts").replaceAll("export function", "function");
  for (const code of [models, read("own-family.ts")]) {
    expect(page).toContain(code.replace('"../../src/index.ts"', '"reparam"'));
  }
});

const data = digits({ trainCount: 150, testCount: 32 });

for (const [name, build, latent, epochs] of [
  ["a variational autoencoder of one's own layers", smallConvVae, 8, 4],
  ["an autoencoder by hand, with a layer of its own", sparseAutoencoder, 64, 4],
  ["a family of one's own", () => shallowAe({ data, latent: 16 }), 16, 4],
] as const) {
  test(`${name} learns, encodes and decodes`, async () => {
    const model = build();
    const run = fit(await sharedDevice(), model, data, { epochs, batchSize: 16, learningRate: 3e-3, seed: 1 });
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
