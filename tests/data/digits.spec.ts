import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { labels, pixels, type Split } from "../../src/data/dataset.ts";
import { digits, digitsInSlices } from "../../src/data/digits.ts";
import { ReparamError } from "../../src/errors.ts";
import { decodeIdx } from "../../src/formats/idx.ts";
import { dataFolder, missingData } from "../support/data.ts";
import { long, onlyLong } from "../support/long.ts";

const PIXELS = 784;
const SOURCE = resolve(import.meta.dirname, "../../src/data");

test("the default set is 60,000 + 10,000 grey images with labels", () => {
  test.skip(!long, onlyLong);
  const { name, fields, train, test: held } = digits();
  expect({ name, fields }).toEqual({ name: "digits", fields: { x: pixels([28, 28, 1]), label: labels(10) } });
  for (const [split, count] of [
    [train, 60_000],
    [held, 10_000],
  ] as const) {
    expect(split.count).toBe(count);
    expect(split.values.x.length).toBe(count * PIXELS);
    expect(split.values.label?.length).toBe(count);
  }
});

test("the bytes are the same everywhere: a pinned checksum", () => {
  const { train, test } = digits({ seed: 1, trainCount: 300, testCount: 100 });
  const hash = createHash("sha256");
  for (const { values } of [train, test]) hash.update(values.x).update(values.label);
  expect(hash.digest("hex")).toBe("94fcfff4d2e442ef3f773d07f9c1504d8e292bff44c6ebf41064129e39699265");
});

test("only arithmetic that IEEE 754 fixes to the last bit is used", () => {
  const files = [
    join(SOURCE, "digits.ts"),
    ...readdirSync(join(SOURCE, "digits")).map((file) => join(SOURCE, "digits", file)),
  ];
  const exact = ["sqrt", "floor", "ceil", "min", "max", "imul"];
  for (const file of files) {
    const code = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    for (const [, name] of code.matchAll(/Math\.(\w+)/g)) expect(exact, `Math.${name} in ${file}`).toContain(name);
    expect(code, file).not.toContain("**");
  }
});

test("an image depends on its seed, split and index only, so that a smaller set begins a larger one", () => {
  const large = digits({ seed: 3, trainCount: 60, testCount: 60 });
  const counts = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(counts, counts, (trainCount, testCount) => {
      const small = digits({ seed: 3, trainCount, testCount });
      for (const split of ["train", "test"] as const) {
        const { count, values } = small[split];
        expect(
          Buffer.compare(values.x as Uint8Array, large[split].values.x.subarray(0, count * PIXELS) as Uint8Array),
        ).toBe(0);
        expect(values.label).toEqual(large[split].values.label.subarray(0, count));
      }
    }),
    { numRuns: 20 },
  );
});

test("no image comes twice, and other seeds and splits give other images", () => {
  const seen = new Set<string>();
  const seeds = [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  for (const seed of seeds) {
    const { train, test } = digits({ seed, trainCount: 500, testCount: 500 });
    for (const image of [...images(train), ...images(test)]) seen.add(Buffer.from(image).toString("latin1"));
  }
  expect(seen.size).toBe(seeds.length * 1000);
});

test("every ten labels in a row are the ten digits, in an order that varies", () => {
  const { label } = digits({ trainCount: 1000, testCount: 1 }).train.values;
  const orders = new Set<string>();
  for (let start = 0; start < 1000; start += 10) {
    const ten = Array.from(label.subarray(start, start + 10));
    orders.add(ten.join(""));
    expect(ten.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
  expect(orders.size).toBeGreaterThan(95);
});

test("digits are centred by mass and stay off the border", () => {
  const { train } = digits({ trainCount: 5000, testCount: 1 });
  let offCentre = 0;
  let atBorder = 0;
  for (const image of images(train)) {
    let mass = 0;
    let x = 0;
    let y = 0;
    let border = 0;
    image.forEach((grey, i) => {
      const column = i % 28;
      const row = (i - column) / 28;
      mass += grey;
      x += grey * (column + 0.5);
      y += grey * (row + 0.5);
      if (column === 0 || column === 27 || row === 0 || row === 27) border = Math.max(border, grey);
    });
    if (Math.max(Math.abs(x / mass - 14), Math.abs(y / mass - 14)) > 1) offCentre++;
    if (border > 127) atBorder++;
  }
  expect(offCentre).toBeLessThan(50);
  expect(atBorder).toBeLessThan(50);
});

test("ink is spread as in MNIST: its mean, its grey edges and its variance (MNIST: .131, .191, .074, 52.7)", () => {
  const { train } = digits({ trainCount: 5000, testCount: 1 });
  const share = (accept: (grey: number) => boolean) => train.values.x.filter(accept).length / train.values.x.length;
  const mean = classMeans(train, 1)[0];
  const variance = images(train).reduce((sum, image) => sum + squaredDistance(image, mean), 0) / train.count / 255 ** 2;
  expect(mean.reduce((sum, grey) => sum + grey, 0) / PIXELS / 255).toBeCloseTo(0.131, 2);
  expect(Math.abs(share((grey) => grey > 0) - 0.191)).toBeLessThan(0.01);
  expect(Math.abs(share((grey) => grey >= 250) - 0.074)).toBeLessThan(0.01);
  expect(Math.abs(variance - 52.7)).toBeLessThan(3);
});

test("digits can be read: the nearest class mean of the training images names most test images", () => {
  const { train, test } = digits({ trainCount: 5000, testCount: 2000 });
  expect(accuracy(classMeans(train), test)).toBeGreaterThan(0.75);
});

test("digits are like people's: MNIST's class means name most of them", async () => {
  const folder = dataFolder("mnist");
  test.skip(folder === undefined, missingData("mnist"));
  const read = (file: string) => decodeIdx(readFileSync(join(folder!, file)), file).data as Uint8Array;
  const mnist: Split = {
    count: 10_000,
    values: { x: read("t10k-images-idx3-ubyte.gz"), label: read("t10k-labels-idx1-ubyte.gz") },
  };
  const { train } = digits({ trainCount: 5000, testCount: 1 });
  expect(accuracy(classMeans(mnist), train)).toBeGreaterThan(0.75);
});

test("slices give the same bytes, and tell how far they are", async () => {
  const options = { seed: 4, trainCount: 75, testCount: 32 };
  const told: [number, number][] = [];
  const data = await digitsInSlices({ ...options, onProgress: (done, total) => told.push([done, total]) });
  expect(data).toEqual(digits(options));
  expect(told).toEqual([
    [32, 107],
    [64, 107],
    [75, 107],
    [107, 107],
  ]);
});

test("what waits for its turn has it after every slice", async () => {
  let turns = 0;
  const turnsAt: number[] = [];
  let done = false;
  const takeTurns = () => {
    turns++;
    if (!done) setImmediate(takeTurns);
  };
  setImmediate(takeTurns);
  await digitsInSlices({ trainCount: 120, testCount: 1, onProgress: () => turnsAt.push(turns) });
  done = true;
  expect(turnsAt.length).toBe(5);
  for (const [k, before] of turnsAt.slice(0, -1).entries()) expect(turnsAt[k + 1]).toBeGreaterThan(before);
});

test("a signal stops between two slices, or before the first", async () => {
  const stop = new AbortController();
  const stopped = digitsInSlices({
    trainCount: 500,
    testCount: 1,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(stopped).rejects.toThrow("digits: interrupted after 32 of 501 images.");
  await expect(stopped).rejects.toMatchObject({ code: "aborted" });
  await expect(digitsInSlices({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  await expect(digitsInSlices({ trainCount: 0 })).rejects.toThrow("digits: trainCount must be an integer");
});

test("a seed or count that is no integer in range is refused", () => {
  const refused = [{ seed: -1 }, { seed: 0.5 }, { seed: 2 ** 53 }, { trainCount: 0 }, { testCount: Number.NaN }];
  for (const options of refused) {
    expect(() => digits(options), JSON.stringify(options)).toThrow(ReparamError);
  }
  expect(() => digits({ trainCount: 0 })).toThrow("digits: trainCount must be an integer from 1 to 1000000, not 0.");
});

function images({ count, values: { x } }: Split): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => (x as Uint8Array).subarray(i * PIXELS, (i + 1) * PIXELS));
}

/** Mean image of each class; with one class, of all images. */
function classMeans(split: Split, classes = 10): Float64Array[] {
  const sums = Array.from({ length: classes }, () => new Float64Array(PIXELS));
  const counts = new Array<number>(classes).fill(0);
  images(split).forEach((image, i) => {
    const label = split.values.label![i] % classes;
    counts[label]++;
    for (let pixel = 0; pixel < PIXELS; pixel++) sums[label][pixel] += image[pixel];
  });
  return sums.map((sum, label) => sum.map((grey) => grey / counts[label]));
}

function accuracy(means: readonly Float64Array[], split: Split): number {
  const right = images(split).filter((image, i) => {
    const distances = means.map((mean) => squaredDistance(image, mean));
    return distances.indexOf(Math.min(...distances)) === split.values.label![i];
  });
  const share = right.length / split.count;
  console.log(`named by the nearest class mean: ${(100 * share).toFixed(1)} %`);
  return share;
}

function squaredDistance(image: Uint8Array, mean: Float64Array): number {
  let sum = 0;
  for (let pixel = 0; pixel < PIXELS; pixel++) sum += (image[pixel] - mean[pixel]) ** 2;
  return sum;
}
