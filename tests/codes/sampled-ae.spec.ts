import { expect, test } from "@playwright/test";
import { fieldSize, valuesOf } from "../../src/data/dataset.ts";
import { ae, fit, gaussianMixture, interpolatedCodes, mixtureCodes } from "../../src/index.ts";
import { long, onlyLong } from "../support/long.ts";
import { patterns, sharedDevice } from "../support/training.ts";

test("a plain autoencoder draws examples from a mixture of its codes, which noise alone does not", async () => {
  test.skip(!long, onlyLong);
  const data = patterns(96, 24, [6, 6, 1]);
  const latent = 4;
  const run = fit(await sharedDevice(), ae({ input: [6, 6, 1], hidden: [16], latent }), data, {
    epochs: 60,
    batchSize: 8,
    learningRate: 5e-3,
    seed: 1,
  });
  await run.finished;
  const rows = data.train.count;
  const codes = await run.encode(data.train.values.x);
  const size = fieldSize(data.fields.x);
  const examples = valuesOf(data.train.values.x, data.fields.x);
  /** The mean over what is drawn of its squared distance from the nearest example. */
  const distance = (drawn: Float32Array): number => {
    const count = drawn.length / size;
    const nearest = Array.from({ length: count }, (_, i) => {
      let least = Number.POSITIVE_INFINITY;
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let k = 0; k < size; k++) sum += (drawn[i * size + k] - examples[row * size + k]) ** 2;
        least = Math.min(least, sum);
      }
      return least;
    });
    return nearest.reduce((sum, value) => sum + value, 0) / count;
  };
  const mixture = gaussianMixture(codes, { rows, components: 3, seed: 2 });
  const drawn = distance(await run.decode(mixtureCodes(mixture, 64, { seed: 3 })));
  const standard = { weights: [1], means: [new Float64Array(latent)], covariances: [new Float64Array(latent).fill(1)] };
  const noise = distance(await run.decode(mixtureCodes(standard, 64, { seed: 3 })));
  expect(drawn).toBeLessThan(0.5 * noise);
  // The ends of a way between two examples are their reconstructions.
  const way = interpolatedCodes(codes.subarray(0, latent), codes.subarray(latent, 2 * latent), { steps: 5 });
  const between = await run.decode(way);
  const redrawn = await run.reconstruct(data.train.values.x.subarray(0, 2 * size));
  const ends = [...between.subarray(0, size), ...between.subarray(4 * size)];
  redrawn.forEach((value, k) => {
    expect(ends[k]).toBeCloseTo(value, 4);
  });
  await run.dispose();
});
