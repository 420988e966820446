import { expect, test } from "@playwright/test";
import { digits } from "../../src/data/digits.ts";
import { autoencoder, cvae, type Model } from "../../src/models/index.ts";
import { flattenLayer } from "../../src/nn/conv-layers.ts";
import { mlp, sequence } from "../../src/nn/layers.ts";
import { crossEntropy, softmax } from "../../src/ops/softmax.ts";
import { fit } from "../../src/train/fit.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";

const data = digits({ trainCount: 40_000, testCount: 2000 });
const CLASSES = 10;

/** A network that names the class of an image. */
function classifier(): Model {
  const { x, label } = data.fields;
  const layers = sequence([
    flattenLayer(),
    mlp("classifier", { inputs: 784, hidden: [256], outputs: CLASSES, activation: "relu", initializer: "he" }),
  ]);
  return autoencoder({
    fields: { x, label },
    parameters: layers.parameters,
    unit: "nats",
    terms: (batch, pass) => ({ loss: crossEntropy(layers.apply(batch.field("x"), pass), batch.field("label")) }),
    uses: {
      classify: {
        from: { x },
        to: { kind: "vector", shape: [CLASSES], store: "f32" },
        apply: ({ x }, pass) => softmax(layers.apply(x, pass)),
      },
    },
  });
}

/** The class of the largest number in each row. */
const classesOf = (rows: Float32Array): number[] =>
  Array.from({ length: rows.length / CLASSES }, (_, k) => {
    const row = rows.subarray(k * CLASSES, (k + 1) * CLASSES);
    return row.indexOf(Math.max(...row));
  });

test("of a hundred samples of each class, another network takes 95 for that class", async () => {
  test.skip(!long, onlyLong);
  const device = await sharedDevice(drivers[0]);
  const learningRateSchedule = { name: "cosine" } as const;
  const options = { epochs: 10, batchSize: 100, learningRate: 1e-3, learningRateSchedule, seed: 1 };
  const judge = fit(device, classifier(), data, options);
  await judge.finished;
  const named = classesOf(await judge.use("classify", 2000, { x: data.test.values.x }));
  const right = named.filter((name, k) => name === data.test.values.label[k]).length;
  expect(right).toBeGreaterThan(1960); // else it can judge nothing

  const run = fit(device, cvae({ data }), data, options);
  await run.finished;
  const shares: number[] = [];
  for (let label = 0; label < CLASSES; label++) {
    const samples = await run.sample(100, { label });
    const names = classesOf(await judge.use("classify", 100, { x: samples }));
    shares.push(names.filter((name) => name === label).length);
  }
  console.log(
    `the classifier names ${right / 20} % of the test images right, and of 100 samples a class ${shares.join(" ")}`,
  );
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(95);
  await Promise.all([judge.dispose(), run.dispose()]);
});
