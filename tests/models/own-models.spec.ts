import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { digits, fit } from "../../src/index.ts";
import { sharedDevice } from "../support/training.ts";
import { smallConvVae, sparseAutoencoder } from "./own-models.ts";

test("docs/models.md shows the models that are trained here, letter for letter", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const code = read("own-models.ts")
    .replace('"../../src/index.ts"', '"reparam"')
    .replaceAll("export function", "function");
  expect(read("../../docs/models.md")).toContain(code);
});

const data = digits({ trainCount: 150, testCount: 32 });

for (const [name, build, latent, epochs] of [
  ["a variational autoencoder of one's own layers", smallConvVae, 8, 4],
  ["an autoencoder by hand, with a layer of its own", sparseAutoencoder, 64, 4],
] as const) {
  test(`${name} learns, encodes and decodes`, async () => {
    const model = build();
    const run = fit(await sharedDevice(), model, data, { epochs, batchSize: 16, learningRate: 3e-3, seed: 1 });
    const losses: number[] = [];
    for await (const { test } of run) losses.push(test.loss);
    expect(losses.length).toBe(epochs);
    expect(losses[epochs - 1]).toBeLessThan(0.9 * losses[0]);
    expect(losses[epochs - 1]).toBeLessThan(784 * Math.LN2 * 0.75); // better than grey
    const codes = await run.encode(new Float32Array(784));
    expect(codes.length).toBe(latent);
    const image = await run.decode(codes);
    expect(image.length).toBe(784);
    expect(image.every((value) => value >= 0 && value <= 1)).toBe(true);
    await run.dispose();
  });
}
