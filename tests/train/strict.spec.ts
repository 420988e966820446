import { expect, test } from "@playwright/test";
import { pixels } from "../../src/data/dataset.ts";
import { type Dataset, type FitOptions, fit } from "../../src/index.ts";
import { patterns, sharedDevice, tinyVae } from "../support/training.ts";

const data = patterns(16, 8, [4, 4, 1]);
const options = { epochs: 1, batchSize: 8, seed: 1 };

/** Two examples a split in floats, of the shape that the model takes; the fifth number of the second is as given. */
function floats({ train = 0.5, test = 0.5 }: { readonly train?: number; readonly test?: number }): Dataset {
  const split = (number: number) => ({ count: 2, values: { x: new Float32Array(32).fill(number, 20, 21) } });
  const x = { kind: "image", shape: [4, 4, 1], store: "f32" } as const;
  return { name: "floats", fields: { x }, train: split(train), test: split(test) };
}

/** A call that must be refused, by what it says. */
const refused: readonly [string, Dataset, object, RegExp][] = [
  ["an unknown option", data, { lr: 1 }, /^fit: there is no option lr; did you mean /],
  ["a misspelt option", data, { epoch: 3 }, /^fit: there is no option epoch; did you mean epochs\?$/],
  ["an option of another type", data, { batchSize: "8" }, /batchSize must be/],
  ["an option out of range", data, { epochs: 0.5 }, /epochs must be/],
  ["no test split", { ...data, test: undefined } as never, {}, /^There are no test examples\.$/],
  [
    "an empty test split",
    { ...data, test: { count: 0, values: { x: new Uint8Array(0) } } },
    {},
    /^There are no test examples\.$/,
  ],
  [
    "floats where bytes are said",
    { ...data, train: { count: 16, values: { x: new Float32Array(256) } } },
    {},
    /training values of x are a Float32Array, and the field's store u8 is a Uint8Array/,
  ],
  [
    "channels first",
    patterns(16, 8, [1, 4, 4]),
    {},
    /^The model takes x of shape \[4,4,1\], and the training data have \[1,4,4\] \(are they channels first\? images are/,
  ],
  [
    "numbers that are not finite, in training",
    floats({ train: Number.NaN }),
    { batchSize: 2 },
    /^The training values of x are not finite: example 1 has NaN\.$/,
  ],
  [
    "numbers that are not finite, in the test",
    floats({ test: Number.NEGATIVE_INFINITY }),
    { batchSize: 2 },
    /^The test values of x are not finite: example 1 has -Infinity\.$/,
  ],
  ["a batch larger than the data", data, { batchSize: 64 }, /64 .*16/],
];

test("what is refused is refused in words before anything reaches the GPU, and spoils nothing for the next run", async () => {
  const device = await sharedDevice();
  const taken = fit(device, tinyVae(), floats({}), { ...options, batchSize: 2 });
  expect(await taken.finished).toBe("ok"); // without what is refused below
  await taken.dispose();
  for (const [what, dataset, change, words] of refused) {
    const error = await Promise.resolve()
      .then(() => fit(device, tinyVae(), dataset, { ...options, ...change } as FitOptions).finished)
      .then(
        () => undefined,
        (thrown: Error) => thrown,
      );
    expect(error, what).toMatchObject({ name: "ReparamError", message: expect.stringMatching(/[.?]$/) });
    expect(error?.message, what).toMatch(words);
    device.check();
  }
  const run = fit(device, tinyVae(), data, options);
  expect(await run.finished).toBe("ok");
  // Arrays of whatever kind have one meaning, and what has none is refused by its place.
  const bytes = data.test.values.x.subarray(0, 16) as Uint8Array;
  const codes = await run.encode(bytes);
  for (const same of [
    Uint8ClampedArray.from(bytes),
    Float32Array.from(bytes, (x) => x / 255),
    [...bytes].map((x) => x / 255),
  ]) {
    const again = await run.encode(same);
    expect(again.length).toBe(codes.length);
    expect(Math.max(...again.map((value, k) => Math.abs(value - codes[k])))).toBeLessThan(5e-6);
  }
  await expect(run.encode(new Float32Array(16).fill(Number.NaN, 3))).rejects.toThrow(/number 3 is NaN/);
  await expect(run.encode(new Float32Array(15))).rejects.toMatchObject({ name: "ReparamError" });
  await run.dispose();
  device.check();
});

test("losses and weights stay finite for all-black, all-white and constant images", async () => {
  const device = await sharedDevice();
  for (const level of [0, 255, 128]) {
    const split = (count: number) => ({ count, values: { x: new Uint8Array(16 * count).fill(level) } });
    const flat: Dataset = { name: "flat", fields: { x: pixels([4, 4, 1]) }, train: split(16), test: split(8) };
    for (const likelihood of ["bernoulli", "gaussian"] as const) {
      const model = tinyVae({ likelihood });
      const run = fit(device, model, flat, { ...options, epochs: 3 });
      expect(await run.finished).toBe("ok");
      for (const { train, test } of run.history) {
        expect([level, likelihood, Number.isFinite(train.loss), Number.isFinite(test.loss)]).toEqual([
          level,
          likelihood,
          true,
          true,
        ]);
      }
      await run.dispose();
    }
  }
});
