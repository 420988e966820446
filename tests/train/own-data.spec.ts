import { expect, test } from "@playwright/test";
import { modelConfig, type RunConfig } from "../../src/config/config.ts";
import { statements } from "../../src/config/presets.ts";
import { type DataFile, type ReadDatasetOptions, readDataset } from "../../src/data/read-dataset.ts";
import { encodeNpy } from "../../src/formats/npy.ts";
import { encodePng } from "../../src/formats/png.ts";
import { runTrainJob, tinyConfig } from "../support/train-job.ts";
import { sharedGpu } from "../support/training.ts";

/** A plain autoencoder with squared error, trained on files. */
async function trainedOn(
  files: readonly DataFile[],
  options: ReadDatasetOptions,
  training: Partial<RunConfig["training"]>,
) {
  const config = {
    ...tinyConfig(training),
    model: modelConfig(statements.ae, { hidden: [], latent: 1, loss: "squared" }),
  };
  const gpu = await sharedGpu();
  const received = await runTrainJob({ gpu, config, dataset: await readDataset(files, options) });
  const bodies = received.map(({ body }) => body);
  return {
    end: bodies.at(-1),
    losses: bodies.flatMap((body) => (body.event === "epoch" ? [body.test.loss!] : [])),
    pictures: bodies.flatMap((body) => (body.event === "picture" ? [body.file] : [])),
  };
}

test("a table whose columns say one thing is learnt to nothing by one number, scaled or not alike", async () => {
  const lines = Array.from({ length: 40 }, (_, k) => `${k},${3 * k + 1},${5 - 2 * k}`);
  const file = { name: "t.csv", bytes: new TextEncoder().encode(`a,b,c\n${lines.join("\n")}\n`) };
  const optimizer = { ...tinyConfig().training.optimizer, learningRate: 0.05 };
  const training = { epochs: 100, batchSize: 12, optimizer, checkpointEvery: 100 };
  const { end, losses, pictures } = await trainedOn([file], { scale: "standard" }, training);
  expect(end).toMatchObject({ event: "end", status: "ok" });
  // Standardised columns of a line are ± one another: the first principal component explains all of them.
  expect(losses.at(-1)).toBeLessThan(1e-3);
  expect(pictures).toEqual(["latent.png", "scores.png"]);
});

test("floats train and are drawn as images and as lines, and so do files of images", async () => {
  const floats = Float32Array.from({ length: 20 * 12 }, (_, i) => Math.sin(i) * 5);
  const npy = (shape: number[]) => ({ name: "x.npy", bytes: encodeNpy({ shape, data: floats }) });
  const images = Array.from({ length: 12 }, (_, k) => ({
    name: `${k % 2 ? "odd" : "even"}/${k}.png`,
    bytes: encodePng({ width: 4, height: 3, channels: 1, pixels: new Uint8Array(12).fill(20 * k) }),
  }));
  const drawn = ["reconstructions.png", "latent.png", "scores.png"];
  for (const [files, options] of [
    [[npy([20, 3, 4])], {}],
    [[npy([20, 12])], { kind: "series", scale: "unit" }],
    [images, {}],
  ] as const) {
    const { end, losses, pictures } = await trainedOn(files, options, { epochs: 1, batchSize: 8 });
    expect(end).toMatchObject({ event: "end", status: "ok" });
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(pictures).toEqual(drawn);
  }
});
