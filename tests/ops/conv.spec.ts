import { expect } from "@playwright/test";
import fc from "fast-check";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import { resolvePadding } from "../../src/ops/conv-geometry.ts";
import * as ops from "../../src/ops/public.ts";
import { driverAdapters, type Execute, isSlow, quickAdapter, quickAdapters, test } from "../support/adapters.ts";
import { alignedCase, type ConvCase, convCase, convNodes, scaleOf } from "../support/conv-cases.ts";
import { long } from "../support/long.ts";
import { largestError, randomFeeds } from "../support/numbers.ts";

// --- by hand --------------------------------------------------------------------------------------------------------

const values = (node: Node, feeds: Record<string, readonly number[]>) => [
  ...interpret(collect({ y: node }), { feeds }).y,
];

test("TensorFlow's SAME puts the odd zero at the bottom and right, PyTorch's k // 2 the same on every side", () => {
  const window = (kernel: number, stride: number, dilation = 1) => ({
    kernel: [kernel, kernel] as const,
    stride: [stride, stride] as const,
    dilation: [dilation, dilation] as const,
  });
  const side = (rule: "same" | "same-symmetric" | "valid", extent: number, ...of: Parameters<typeof window>) => {
    const { top, bottom, left, right } = resolvePadding(rule, [extent, extent], window(...of));
    expect([left, right]).toEqual([top, bottom]);
    return [top, bottom];
  };
  expect(side("same", 28, 3, 2)).toEqual([0, 1]);
  expect(side("same", 7, 3, 2)).toEqual([1, 1]);
  expect(side("same", 28, 3, 1)).toEqual([1, 1]);
  expect(side("same", 5, 2, 1)).toEqual([0, 1]);
  expect(side("same", 9, 1, 2)).toEqual([0, 0]);
  expect(side("same", 10, 3, 1, 2)).toEqual([2, 2]);
  expect(side("same-symmetric", 28, 3, 2)).toEqual([1, 1]);
  expect(side("same-symmetric", 28, 5, 2)).toEqual([2, 2]);
  expect(side("same-symmetric", 28, 4, 2)).toEqual([2, 2]);
  expect(side("valid", 28, 3, 2)).toEqual([0, 0]);
});

test("a convolution with stride 2 sums the windows that each SAME rule says", () => {
  const x = ops.parameter("x", [1, 1, 4, 1]);
  const w = ops.parameter("w", [1, 3, 1, 1]);
  const feeds = { x: [1, 2, 3, 4], w: [1, 10, 100] };
  const conv = (padding: "same" | "same-symmetric" | "valid") =>
    values(ops.conv2d(x, w, { stride: [1, 2], padding }), feeds);
  expect(conv("same")).toEqual([321, 43]);
  expect(conv("same-symmetric")).toEqual([210, 432]);
  expect(conv("valid")).toEqual([321]);
});

test("a transposed convolution lays its kernel down at every stride, crops the padding and adds the output padding", () => {
  const x = ops.parameter("x", [1, 2, 1]);
  const w = ops.parameter("w", [3, 1, 1]);
  const feeds = { x: [1, 2], w: [1, 10, 100] };
  const transposed = (options: Parameters<typeof ops.convTranspose1d>[2]) =>
    values(ops.convTranspose1d(x, w, options), feeds);
  expect(transposed({ stride: 2 })).toEqual([1, 10, 102, 20, 200]);
  expect(transposed({ stride: 2, outputPadding: 1 })).toEqual([1, 10, 102, 20, 200, 0]);
  expect(transposed({ stride: 2, padding: { left: 1, right: 1 }, outputPadding: 1 })).toEqual([10, 102, 20, 200]);
  expect(transposed({ stride: 2, padding: "same" })).toEqual([1, 10, 102, 20]);
  expect(transposed({ stride: 2, padding: "same-symmetric" })).toEqual([10, 102, 20, 200]);
  expect(transposed({ stride: 2, padding: "same-symmetric", outputSize: 3 })).toEqual([10, 102, 20]);
  expect(transposed({ stride: 3, dilation: 2 })).toEqual([1, 0, 10, 2, 100, 20, 0, 200]);
});

test("what does not fit is refused in words", () => {
  const x = ops.parameter("x", [2, 4, 4, 3]);
  const w = (...shape: number[]) => ops.parameter("w", shape);
  expect(() => ops.conv2d(x, w(3, 3, 4, 8))).toThrow(
    "conv2d: shapes [2,4,4,3] and [3,3,4,8] do not fit: 3 channels meet a kernel [KH, KW, in, out] for 4.",
  );
  expect(() => ops.convTranspose2d(x, w(3, 3, 3, 8))).toThrow("3 channels meet a kernel [KH, KW, out, in] for 8.");
  expect(() => ops.conv2d(x, w(5, 5, 3, 8))).toThrow(
    "the kernel, dilation [1,1], is larger than the image with its padding [0,0,0,0]",
  );
  expect(() => ops.conv2d(x, w(3, 3, 3, 8), { stride: 0 })).toThrow(
    "stride is [0,0], and has to be 2 whole numbers of at least 1.",
  );
  expect(() => ops.conv2d(x, w(3, 3, 3, 8), { padding: { top: -1, bottom: 0, left: 0, right: 0 } })).toThrow(
    "padding is [-1,0,0,0]",
  );
  expect(() => ops.conv2d(x, w(3, 3, 3, 8), { padding: "full" as "same" })).toThrow(
    /"same" or "same-symmetric", not "full"/,
  );
  expect(() => ops.conv2d(ops.parameter("x", [4, 4, 3]), w(3, 3, 3, 8))).toThrow(
    "are not images [batch, height, width, channels]",
  );
  expect(() => ops.conv1d(x, w(3, 3, 8))).toThrow("conv1d takes sequences [batch, length, channels]");
  expect(() => ops.convTranspose2d(x, w(3, 3, 8, 3), { stride: 2, outputPadding: 2 })).toThrow(
    "convTranspose2d: from [4,4] with stride [2,2] the output is from [9,9] on, by less than the stride, not [11,11].",
  );
  expect(() => ops.convTranspose2d(x, w(3, 3, 8, 3), { outputPadding: 0, outputSize: [6, 6] })).toThrow(
    "say the same thing",
  );
});

// --- on every adapter -----------------------------------------------------------------------------------------------

/** Values and feeds of cases side by side in one graph. */
async function expectReference(run: Execute, cases: readonly ConvCase[], fuse = true): Promise<void> {
  const all = cases.map((drawn, k) => ({ drawn, ...convNodes(drawn, String(k)) }));
  const nodes = Object.fromEntries(
    all.flatMap(({ drawn, y, dx, dw }) =>
      Object.entries({ y, dx, dw }).map(([what, node]) => [`${what} of ${JSON.stringify(drawn)}`, node]),
    ),
  );
  const graph = collect(nodes);
  const feeds = randomFeeds(graph.nodes, 5);
  const want = interpret(graph, { feeds });
  const got = await run(graph, { feeds, fuse });
  const wrong = Object.keys(want).filter(
    (what) => !(largestError(got[what], want[what]) < 2e-6 * scaleOf(nodes[what])),
  );
  expect(wrong).toEqual([]);
}

const sample = (arbitrary: fc.Arbitrary<ConvCase>, numRuns: number, seed: number) =>
  fc.sample(arbitrary, { seed, numRuns });

/** Larger ones: several tiles, sums in slices, and the layers of a convolutional autoencoder. */
const large: readonly ConvCase[] = [
  {
    batch: 3,
    size: [14, 14],
    channels: 32,
    outputs: 64,
    kernel: [3, 3],
    stride: [2, 2],
    dilation: [1, 1],
    padding: [0, 1, 0, 1],
  },
  {
    batch: 7,
    size: [28, 27],
    channels: 1,
    outputs: 8,
    kernel: [3, 3],
    stride: [2, 2],
    dilation: [1, 1],
    padding: [1, 1, 1, 1],
  },
  {
    batch: 2,
    size: [19, 23],
    channels: 12,
    outputs: 1,
    kernel: [3, 3],
    stride: [1, 1],
    dilation: [1, 1],
    padding: [1, 1, 1, 1],
  },
  {
    batch: 1,
    size: [40, 37],
    channels: 4,
    outputs: 20,
    kernel: [5, 4],
    stride: [3, 2],
    dilation: [1, 2],
    padding: [2, 0, 1, 3],
  },
];

for (const name of quickAdapters) {
  for (const baseline of [false, true]) {
    const share = long ? 12 : baseline ? 1 : 3;
    test(`convolutions of every kind and their gradients: ${name}${baseline ? ", default limits" : ""}`, async ({
      adapters,
    }) => {
      const run = await adapters.open(name, baseline);
      await expectReference(run, sample(convCase, share, 1));
      await expectReference(run, sample(alignedCase, share, 2));
    });
  }
}

for (const name of driverAdapters) {
  test(`convolutions of many tiles and long sums: ${name}`, async ({ adapters }) => {
    await expectReference(await adapters.open(name), isSlow(name) ? large.slice(0, 1) : large);
  });
}

for (const name of quickAdapters) {
  test(`a convolution and its transpose are adjoint, <Ax, y> = <x, Aᵀy> = <w, dw>: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    for (const drawn of sample(convCase, long ? 4 : 2, 3)) {
      const { leaves, y, dx, dw } = convNodes(drawn);
      const graph = collect({ y, dx, dw });
      const feeds = randomFeeds([leaves.x, leaves.w, leaves.dy], 6, [0.5, 1]);
      const got = await run(graph, { feeds });
      const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
        Array.from(a).reduce((sum, value, k) => sum + value * b[k], 0);
      const products = [dot(got.y, feeds[" dy"]), dot(got.dx, feeds[" x"]), dot(got.dw, feeds[" w"])];
      for (const product of products) expect(Math.abs(product / products[0] - 1)).toBeLessThan(1e-5);
    }
  });

  test(`a kernel with a single 1 in its middle is the identity: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const [x, w] = [ops.parameter("x", [2, 5, 6, 4]), ops.parameter("w", [3, 3, 4, 4])];
    const feeds: Record<string, Float32Array> = {
      ...randomFeeds([x], 1),
      w: Float32Array.from({ length: 144 }, (_, k) => Number(k >> 4 === 4 && (k & 3) === ((k >> 2) & 3))),
    };
    const same = { padding: "same" } as const;
    const got = await run(collect({ conv: ops.conv2d(x, w, same), transposed: ops.convTranspose2d(x, w, same) }), {
      feeds,
    });
    expect(got.conv).toEqual(feeds.x);
    expect(got.transposed).toEqual(feeds.x);
  });

  test(`layers with bias and activation, their gradients, and gradients of these: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const x = ops.parameter("x", [3, 7, 6, 4]);
    const [w1, b1] = [ops.parameter("w1", [3, 3, 4, 8]), ops.parameter("b1", [8])];
    const [w2, b2] = [ops.parameter("w2", [3, 3, 4, 8]), ops.parameter("b2", [4])];
    const h = ops.tanh(ops.add(ops.conv2d(x, w1, { stride: 2, padding: "same" }), b1));
    const y = ops.add(ops.convTranspose2d(h, w2, { stride: 2, padding: "same", outputSize: [7, 6] }), b2);
    const loss = ops.mean(ops.square(ops.sub(y, x)));
    const first = gradients(loss, [x, w1, b1, w2, b2]);
    const second = gradients(ops.sum(ops.square(ops.mul(20, first[0]))), long ? [x, w1, b1, w2, b2] : [w1, w2]);
    const graph = collect(Object.fromEntries([y, loss, ...first, ...second].map((node, k) => [String(k), node])));
    const feeds = randomFeeds(graph.nodes, 7);
    const want = interpret(graph, { feeds });
    for (const fuse of long ? [true, false] : [true]) {
      const got = await run(graph, { feeds, fuse });
      for (const key of Object.keys(want)) {
        const scale = Math.max(...want[key].map(Math.abs));
        expect(largestError(got[key], want[key]) / scale, `output ${key}, fuse ${fuse}`).toBeLessThan(1e-5);
      }
    }
  });
}

test("images of more pixels than a division by way of f32 can tell apart", async ({ adapters }) => {
  const run = await adapters.open(quickAdapter);
  const { y, dx } = convNodes({
    ...large[1],
    batch: 1,
    size: [1100, 1000],
    outputs: 1,
    kernel: [2, 2],
    stride: [1, 1],
    padding: [0, 0, 0, 0],
  });
  const graph = collect({ y, dx });
  expect(y.shape[1] * y.shape[2]).toBeGreaterThan(2 ** 20);
  const feeds = randomFeeds(graph.nodes, 8);
  const [got, want] = [await run(graph, { feeds }), interpret(graph, { feeds })];
  expect(largestError(got.y, want.y)).toBeLessThan(1e-6);
  expect(largestError(got.dx, want.dx)).toBeLessThan(1e-6);
});
