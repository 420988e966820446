import { expect, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { sparseAe } from "../../src/models/index.ts";
import { drawExamples } from "../../src/report/drawers/samples.ts";
import { fit } from "../../src/train/fit.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";
import { digitsToLearn, keep, say } from "./keep.ts";

const data = digitsToLearn({ trainCount: 10_000, testCount: 1000 });
const LATENT = 256;
const { optimizer } = sparseAe.statement.training!;

test("a penalty leaves few numbers of a code in use at a time, and each draws a shape of its own", async () => {
  test.skip(!long, onlyLong);
  const device = await sharedDevice(drivers[0]);
  const trained = async (options: { readonly sparsityWeight?: number }) => {
    const { learningRate } = optimizer!;
    const run = fit(device, sparseAe({ data, ...options }), data, { epochs: 8, batchSize: 100, learningRate, seed: 1 });
    await run.finished;
    const { test } = run.history[run.history.length - 1];
    const codes = await run.encode(data.test.values.x);
    const { tensors } = decodeSafetensors(await run.checkpoint(), "a checkpoint");
    await run.dispose();
    return {
      error: test.reconstruction,
      mean: codes.reduce((sum, value) => sum + value, 0) / codes.length,
      inUse: codes.filter((value) => value > 0.5).length / codes.length,
      shapes: tensors["decoder.out.weight"].data as Float32Array,
    };
  };
  const [sparse, free] = [await trained({}), await trained({ sparsityWeight: 0 })];
  say({
    "mean of a code's numbers: sparse, without the penalty": [sparse.mean, free.mean],
    "share above one half": [sparse.inUse, free.inUse],
    reconstruction: [sparse.error, free.error],
  });
  const largest = sparse.shapes.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 2;
  const shown = sparse.shapes.subarray(0, (LATENT / 4) * 784);
  const range = { low: -largest, high: largest };
  keep("sparsity", drawExamples(shown, { kind: "image", shape: [28, 28, 1], store: "f32" }, { columns: 16, range }));

  expect(sparse.mean).toBeLessThan(0.1);
  expect(free.mean).toBeGreaterThan(2 * sparse.mean);
});
