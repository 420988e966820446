import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { ReparamError } from "../../src/errors.ts";
import { download, storageBuffer, upload } from "../../src/gpu/buffers.ts";
import { record } from "../../src/gpu/commands.ts";
import type { Device } from "../../src/gpu/device.ts";
import { exampleBytes, type PickedField, pickField, pickRows, shardRows } from "../../src/kernels/pick.ts";
import { encodeState, STATE_BYTES } from "../../src/kernels/state.ts";
import type { Dispatch } from "../../src/plan/plan.ts";
import { permute } from "../../src/random/feistel.ts";
import { createProgram } from "../../src/runtime/program.ts";
import { drivers, quickDrivers } from "../support/dawn.ts";
import { long } from "../support/long.ts";
import { check } from "../support/numbers.ts";
import { sharedDevice } from "../support/training.ts";

type Stored = Uint8Array | Uint16Array | Float32Array;

/** A split of one field. */
interface Split {
  readonly field: PickedField;
  readonly count: number;
  readonly values: Stored;
}

interface Order {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: readonly [number, number];
  readonly epoch: number;
}

/** Numbers all over what the store can hold. */
function splitOf(field: PickedField, count: number): Split {
  const length = field.size * count;
  const draw = (k: number) => permute(k % 65_536, 65_536, [field.size, count], Math.floor(k / 65_536));
  if (field.store === "u8") return { field, count, values: Uint8Array.from({ length }, (_, k) => draw(k)) };
  if (field.store === "u16") return { field, count, values: Uint16Array.from({ length }, (_, k) => draw(k)) };
  return { field, count, values: Float32Array.from({ length }, (_, k) => (draw(k) - 30_000) / 7) };
}

/** What every batch of an epoch leaves in the buffers, read after the dispatches ran once a batch. */
async function batchesOf(
  device: Device,
  dispatches: readonly Dispatch[],
  buffers: Readonly<Record<string, GPUBuffer>>,
  count: number,
  { batchSize, seed, epoch }: Order,
): Promise<Record<string, Float32Array>[]> {
  const state = storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM);
  const program = await createProgram(
    device,
    { dispatches, slots: [], outputs: {} },
    { buffers: { ...buffers, state } },
  );
  const batches = Math.ceil(count / batchSize);
  const result: Record<string, Float32Array>[] = [];
  for (let batch = 0; batch < batches; batch++) {
    // Left-overs of an earlier batch, which must not shine through.
    for (const buffer of Object.values(buffers)) {
      if (!buffer.label.startsWith("shard")) upload(device, buffer, new Float32Array(buffer.size / 4).fill(9));
    }
    upload(device, state, encodeState({ seed, step: 0, epoch, batch, batches, examples: count }));
    const encoder = device.gpu.createCommandEncoder();
    record(encoder, program.encode);
    device.gpu.queue.submit([encoder.finish()]);
    const read: Record<string, Float32Array> = {};
    for (const [name, buffer] of Object.entries(buffers)) {
      if (!buffer.label.startsWith("shard")) {
        read[name] = new Float32Array(await download(device, buffer, 0, buffer.size));
      }
    }
    result.push(read);
  }
  for (const buffer of [...Object.values(buffers), state]) buffer.destroy();
  device.check();
  return result;
}

/** Every batch of an epoch, the split cut into shards of at most `limit` bytes. */
async function picked(device: Device, { field, count, values }: Split, order: Order, limit: number) {
  const { batchSize, shuffle } = order;
  const buffers: Record<string, GPUBuffer> = {
    picked: storageBuffer(device, 4 * batchSize * field.size, "picked"),
    weight: storageBuffer(device, 4 * batchSize, "weight"),
  };
  const shards = shardRows(exampleBytes(field), count, limit);
  const dispatches = shards.map(({ first, count, bytes }) => {
    const buffer = `shard ${first}`;
    buffers[buffer] = storageBuffer(device, bytes, buffer);
    upload(device, buffers[buffer], values.subarray(first * field.size, (first + count) * field.size));
    const shard = { buffer, bytes, first, count };
    return pickField({ field, shard, into: "picked", batchSize, shuffle, profile: device.profile });
  });
  const batches = await batchesOf(device, dispatches, buffers, count, order);
  const cut = batches.map(({ picked, weight }) => ({
    picked: [...picked.subarray(0, batchSize * field.size)],
    weight: [...weight.subarray(0, batchSize)],
  }));
  return { batches: cut, shards: shards.length };
}

/** The places in the split that a batch's rows have, or undefined past its end. */
const placesOf = (count: number, { batchSize, shuffle, seed, epoch }: Order, batch: number): (number | undefined)[] =>
  Array.from({ length: batchSize }, (_, row) => {
    const position = batch * batchSize + row;
    if (position >= count) return undefined;
    return shuffle ? permute(position, count, seed, epoch) : position;
  });

const seeds = fc.tuple(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff));
const orders: fc.Arbitrary<Order> = fc.record({
  batchSize: fc.integer({ min: 1, max: 24 }),
  shuffle: fc.boolean(),
  seed: seeds,
  epoch: fc.constantFrom(0, 1, 5),
});
const sizes = fc.constantFrom(1, 2, 3, 4, 5, 8, 13, 16, 30, 64, 65);
const counts = fc.integer({ min: 1, max: 70 });

const fields: readonly Omit<PickedField, "size">[] = [
  { store: "u8", unit: 255 },
  { store: "u8", unit: 1 },
  { store: "u16", unit: 1 },
  { store: "u16", unit: 65_535 },
  { store: "f32", unit: 1 },
  { store: "f32", unit: 3 },
];

const whereIs = (driver: string | undefined) => `(${driver ?? "default"} adapter)`;

for (const driver of drivers) {
  const where = whereIs(driver);
  const everything = quickDrivers.includes(driver);

  for (const { store, unit } of everything ? fields : fields.slice(0, 1)) {
    test(`a batch of ${store} / ${unit} holds the rows that the permutation names, and zeros of weight 0 past the end ${where}`, async () => {
      const device = await sharedDevice(driver);
      await fc.assert(
        fc.asyncProperty(counts, sizes, orders, async (count, size, order) => {
          const split = splitOf({ size, store, unit }, count);
          const { batches } = await picked(device, split, order, 2 ** 20);
          let wrong = false;
          for (const [batch, { picked, weight }] of batches.entries()) {
            const places = placesOf(count, order, batch);
            const expectedWeight = places.map((place) => Number(place !== undefined));
            const expected = places.flatMap((place) =>
              place === undefined
                ? new Array<number>(size).fill(0)
                : [...split.values.subarray(place * size, (place + 1) * size)],
            );
            // Whole numbers and floats as they are; an adapter may divide with an error of 2.5 ulp.
            const near = (x: number, k: number) =>
              Math.abs(picked[k] * unit - x) <= (unit === 1 ? 0 : Math.abs(x) * 4e-7);
            wrong ||= picked.length !== expected.length || !expected.every(near);
            wrong ||= weight.join() !== expectedWeight.join();
          }
          expect(wrong).toBe(false);
        }),
        { numRuns: long ? 8 : everything ? 4 : 2 },
      );
    });
  }
}

for (const driver of quickDrivers) {
  const where = whereIs(driver);

  test(`a label is a field of size 1, and comes through as a whole number ${where}`, async () => {
    const device = await sharedDevice(driver);
    const order: Order = { batchSize: 7, shuffle: true, seed: [3, 1], epoch: 2 };
    for (const [store, last] of [
      ["u8", 255],
      ["u16", 65_535],
    ] as const) {
      const labels = Array.from({ length: 19 }, (_, k) => last - 3 * k);
      const values = store === "u8" ? Uint8Array.from(labels) : Uint16Array.from(labels);
      const { batches } = await picked(device, { field: { size: 1, store, unit: 1 }, count: 19, values }, order, 256);
      const places = batches.flatMap((_, batch) => placesOf(19, order, batch));
      const expected = places.map((place) => (place === undefined ? 0 : labels[place]));
      expect(batches.flatMap(({ picked }) => picked)).toEqual(expected);
    }
  });

  test(`a split in three shards or more gives the bits of a split in one ${where}`, async () => {
    const device = await sharedDevice(driver);
    const order: Order = { batchSize: 8, shuffle: true, seed: [9, 4], epoch: 1 };
    for (const [store, unit, size] of [
      ["u8", 255, 5],
      ["u8", 255, 8],
      ["u16", 1, 1],
      ["f32", 3, 4],
    ] as const) {
      const split = splitOf({ size, store, unit }, 50);
      const limit = Math.floor((50 * exampleBytes(split.field)) / 3 / 16) * 16;
      const whole = await picked(device, split, order, 2 ** 20);
      const cut = await picked(device, split, order, limit);
      expect([whole.shards, cut.shards >= 3]).toEqual([1, true]);
      expect(cut.batches).toEqual(whole.batches);
    }
  });

  test(`floats that are not finite come through, and do not reach the rows past the end ${where}`, async () => {
    const device = await sharedDevice(driver);
    const order: Order = { batchSize: 4, shuffle: false, seed: [0, 0], epoch: 0 };
    for (const size of [1, 4]) {
      const values = new Float32Array(3 * size).fill(Number.NaN).fill(-Infinity, size, 2 * size);
      const split: Split = { field: { size, store: "f32", unit: 1 }, count: 3, values };
      const { batches } = await picked(device, split, order, 256);
      expect(batches[0].picked).toEqual([...values, ...new Array<number>(size).fill(0)]);
    }
  });

  test(`index and weight of a ragged last batch are the places in the split, and zeros ${where}`, async () => {
    const device = await sharedDevice(driver);
    for (const shuffle of [true, false]) {
      const order: Order = { batchSize: 100, shuffle, seed: [6, 2], epoch: 3 };
      const buffers = { weight: storageBuffer(device, 400, "weight"), index: storageBuffer(device, 400, "index") };
      const batches = await batchesOf(device, [pickRows(order)], buffers, 230, order);
      for (const [batch, { weight, index }] of batches.entries()) {
        const places = placesOf(230, order, batch);
        expect([...weight]).toEqual(places.map((place) => Number(place !== undefined)));
        expect([...index]).toEqual(places.map((place) => place ?? 0));
      }
    }
  });
}

test("every example is visited exactly once an epoch, and epochs differ in their order", async () => {
  const device = await sharedDevice();
  // A number an example: its own.
  const count = 301;
  const values = Uint16Array.from({ length: count }, (_, k) => k);
  const split: Split = { field: { size: 1, store: "u16", unit: 1 }, count, values };
  const orderOf = async (epoch: number) => {
    const { batches } = await picked(device, split, { batchSize: 8, shuffle: true, seed: [4, 0], epoch }, 2 ** 20);
    return batches.flatMap(({ picked, weight }) => picked.filter((_, k) => weight[k] === 1));
  };
  const orders = [await orderOf(0), await orderOf(1), await orderOf(2)];
  for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual([...values]);
  expect(orders[0]).not.toEqual(orders[1]);
  expect(orders[1]).not.toEqual(orders[2]);
});

test("a batch of more rows than one dimension of a dispatch has workgroups is picked to its last row", async () => {
  const device = await sharedDevice();
  const [count, features] = [65_600, 256];
  const examples = new Uint8Array(count * features);
  for (let k = 0; k < examples.length; k++) examples[k] = (k >> 8) + 31 * k;
  const data = storageBuffer(device, examples.length, "data");
  upload(device, data, examples);
  const buffers = {
    data,
    x: storageBuffer(device, 4 * count * features, "x"),
    weight: storageBuffer(device, 4 * count, "weight"),
    state: storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM),
  };
  upload(device, buffers.state, encodeState({ seed: [1, 0], step: 0, examples: count }));
  // A thread for every four pixels, as on a real GPU: 65,600 workgroups.
  const profile = { ...device.profile, software: false };
  const pick = pickField({
    field: { size: features, store: "u8", unit: 255 },
    shard: { buffer: "data", bytes: examples.length, first: 0, count },
    into: "x",
    batchSize: count,
    shuffle: false,
    profile,
  });
  expect(pick.workgroups).toEqual([32_800, 2, 1]);
  const plan = { dispatches: [pick], slots: [], outputs: {} };
  const program = await createProgram(device, plan, { buffers });
  const encoder = device.gpu.createCommandEncoder();
  record(encoder, program.encode);
  device.gpu.queue.submit([encoder.finish()]);
  const x = new Float32Array(await download(device, buffers.x, 0, 4 * count * features));
  expect(x.every((value, k) => Math.abs(value * 255 - examples[k]) < 1e-3)).toBe(true);
  for (const buffer of Object.values(buffers)) buffer.destroy();
  device.check();
});

test("shards hold every row once, in order, and none is larger than the limit", () => {
  check(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 8192, max: 2 ** 31 }),
      fc.double({ min: 0, max: 20, noNaN: true }),
      (rowBytes, limit, shards) => {
        const count = Math.floor((shards * limit) / rowBytes);
        let next = 0;
        let sound = true;
        for (const { first, count: held, bytes } of shardRows(rowBytes, count, limit)) {
          const rest = bytes - held * rowBytes;
          sound &&= first === next && held > 0 && bytes <= limit && bytes % 16 === 0 && rest >= 0 && rest < 16;
          next = first + held;
        }
        expect([sound, next]).toEqual([true, count]);
      },
    ),
    200,
  );
});

test("CIFAR-10's 50,000 examples are two shards of WebGPU's default binding", () => {
  expect(shardRows(3072, 50_000, 128 * 2 ** 20)).toEqual([
    { first: 0, count: 43_690, bytes: 134_215_680 },
    { first: 43_690, count: 6310, bytes: 19_384_320 },
  ]);
});

test("an example larger than a binding is refused in words", () => {
  const cut = () => shardRows(129 * 2 ** 20, 2, 128 * 2 ** 20);
  expect(cut).toThrow(ReparamError);
  expect(cut).toThrow(
    /^One example needs 135 MB in one buffer, and this adapter allows 134 MB: use smaller examples\.$/,
  );
});
