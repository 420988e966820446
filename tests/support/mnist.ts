import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "@playwright/test";
import { type Dataset, pixels } from "../../src/data/dataset.ts";
import { gunzip } from "../../src/formats/gzip.ts";
import { decodeIdx } from "../../src/formats/idx.ts";
import { dataFolder, missingData } from "./data.ts";

/** MNIST's training images, for both splits. Skips the test where they are missing. */
export function mnistTrainingImages(): Dataset {
  const folder = dataFolder("mnist");
  test.skip(folder === undefined, missingData("mnist"));
  const file = readFileSync(join(folder!, "train-images-idx3-ubyte.gz"));
  const { data } = decodeIdx(gunzip(file, "mnist"), "mnist");
  const split = { count: 60_000, values: { x: data as Uint8Array } };
  return { name: "mnist", fields: { x: pixels([28, 28, 1]) }, train: split, test: split };
}
