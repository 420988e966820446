import { expect } from "@playwright/test";
import { compile } from "../../src/compiler/compile.ts";
import { MAX_STORAGE_BUFFERS } from "../../src/compiler/fuse.ts";
import { storageBuffer, upload } from "../../src/gpu/buffers.ts";
import { record } from "../../src/gpu/commands.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect, type Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { type Plan, printPlan } from "../../src/plan/plan.ts";
import { createProgram } from "../../src/runtime/program.ts";
import { quickAdapters, test } from "../support/adapters.ts";
import { drivers, engineDevice } from "../support/dawn.ts";
import { long as isLong } from "../support/long.ts";
import { randomFeeds, relativeError } from "../support/numbers.ts";

const profile = { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 64 };
const planOf = (graph: Graph): Plan =>
  compile(graph, { profile, leaves: (node) => ({ buffer: { external: node.name! }, offset: 0 }) });
const kernels = (graph: Graph): string[] => planOf(graph).dispatches.map(({ kernel }) => kernel.split("/")[0]);

const x = ops.parameter("x", [6, 8]);
const w = ops.parameter("w", [8, 12]);
const v = ops.parameter("v", [8, 12]);
const bias = ops.parameter("b", [12]);
const long = ops.parameter("long", [3, 2000]);
const many = (count: number, shape: readonly number[]) =>
  Array.from({ length: count }, (_, k) => ops.parameter(`m${k}`, shape));

/** Graphs at the borders of what may become one kernel. */
const graphs: Readonly<Record<string, () => Record<string, Node>>> = {
  "a matmul's bias and activation": () => ({ y: ops.relu(ops.add(ops.matmul(x, w), bias)) }),
  "images and the zeros around them": () => {
    const image = (name: string, ...shape: number[]) => ops.relu(ops.sub(ops.parameter(name, shape), ops.square(bias)));
    const around = (value: Node, [top, left]: number[], height: number, width: number) =>
      ops.pad(value, [0, top, left, 0], [value.shape[0], height, width, value.shape[3]]);
    const [even, odd, rows] = [
      image("even", 2, 6, 6, 12),
      ops.relu(ops.parameter("odd", [3, 4, 5, 1])),
      image("rows", 2, 12, 12),
    ];
    return {
      even,
      evenPadded: around(even, [1, 1], 8, 8),
      odd,
      oddPadded: around(odd, [0, 2], 6, 9),
      // Two kinds of zeros around one image, and an image that lies in memory under another shape.
      oddOther: around(odd, [1, 0], 6, 5),
      rows,
      rowsPadded: around(ops.reshape(rows, [2, 3, 4, 12]), [1, 0], 5, 4),
    };
  },
  "the sum of two matmuls": () => ({ y: ops.add(ops.matmul(x, w), ops.relu(ops.matmul(x, v))) }),
  "a matmul whose activation is used twice by one op": () => {
    const h = ops.sigmoid(ops.matmul(x, w));
    return { y: ops.mul(h, h) };
  },
  "a matmul and a pad that no vec4f boundary meets": () => ({
    y: ops.add(ops.matmul(x, w), ops.pad(ops.parameter("odd", [6, 5]), [0, 3], [6, 12])),
  }),
  "a matmul and a transposed operand": () => ({
    y: ops.mul(ops.matmul(x, w), ops.transpose(ops.parameter("t", [12, 6]))),
  }),
  "a matmul whose epilogue would read ten buffers": () => ({
    y: many(10, [6, 12]).reduce<Node>((sum, part) => ops.add(sum, part), ops.matmul(x, w)),
  }),
  "a matmul that is also an output": () => {
    const z = ops.matmul(x, w);
    return { z, y: ops.tanh(z) };
  },
  "a sum and a maximum of one tensor": () => {
    const y = ops.tanh(x);
    return { sum: ops.sum(y, { axes: [1] }), max: ops.max(y, { axes: [1] }), flat: ops.sum(y), top: ops.max(y) };
  },
  "long rows, whose reduction takes two dispatches": () => ({
    sum: ops.sum(long, { axes: [1] }),
    max: ops.max(long, { axes: [1] }),
    all: ops.sum(ops.square(long)),
    columns: ops.sum(ops.transpose(long), { axes: [0] }),
  }),
  "a softmax and its gradient": () => {
    const shifted = ops.sub(x, ops.stopGradient(ops.max(x, { axes: [1], keepDims: true })));
    const e = ops.exp(shifted);
    const y = ops.div(e, ops.sum(e, { axes: [1], keepDims: true }));
    return { y, dx: gradients(ops.sum(ops.mul(y, ops.parameter("c", [6, 8]))), [x])[0] };
  },
  "the gradient of a maximum of computed values": () => {
    const y = ops.add(ops.mul(x, ops.parameter("s", [6, 8])), ops.tanh(x));
    return { dx: gradients(ops.sum(ops.square(ops.max(y, { axes: [1] }))), [x])[0] };
  },
  "eleven tensors side by side": () => {
    const parts = many(11, [2, 3]);
    return { y: ops.concat(parts, 1), z: ops.tanh(ops.concat(parts, 0)) };
  },
  "a sum of eleven slices": () => ({
    y: many(11, [4, 9])
      .map((part, k) => ops.sliceAxis(ops.tanh(part), 1, k % 5, (k % 5) + 4))
      .reduce((a, b) => ops.add(a, b)),
  }),
  "wide sums that share their parts": () => {
    const parts = many(6, [4, 4]).map((part, k) => ops.add(part, ops.parameter(`o${k}`, [4, 4])));
    const total = (list: readonly Node[]) => list.reduce((a, b) => ops.mul(0.9, ops.add(a, b)));
    return { y: total(parts), z: ops.sum(total([...parts].reverse())), u: ops.transpose(total(parts.slice(1))) };
  },
  "constants alone": () => ({
    y: ops.neg(ops.constant(-2, [3])),
    z: ops.mul(ops.constant(3), ops.neg(ops.constant(-0.5))),
  }),
  "a sum of a constant": () => ({ y: ops.sum(ops.constant(0.25, [5, 7]), { axes: [1] }), z: ops.sum(x) }),
  "an output that is a leaf, and one twice": () => {
    const y = ops.tanh(x);
    return { x, y, again: y, flat: ops.reshape(y, [48]), stopped: ops.stopGradient(y) };
  },
  "a scalar beside vectors": () => ({ y: ops.mul(ops.sum(x), w), z: ops.add(ops.sum(x), 1), s: ops.schedule("rate") }),
  "noise, a slice of it and its sum": () => {
    const noise = ops.normal("noise", [6, 8]);
    return {
      y: ops.add(noise, x),
      part: ops.slice(noise, [1, 3], [4, 5]),
      sum: ops.sum(noise, { axes: [0] }),
      t: ops.transpose(noise),
    };
  },
  "a matmul with noise in its epilogue": () => ({
    y: ops.add(ops.matmul(x, w), ops.normal("noise", [6, 12])),
    z: ops.mul(ops.matmul(x, v), ops.uniform("one", [])),
  }),
  "a pooling between a convolution and a matmul": () => {
    const image = ops.parameter("image", [2, 5, 6, 4]);
    const h = ops.relu(ops.conv2d(image, ops.parameter("kernel", [2, 2, 4, 8]), {}));
    const pooled = ops.reshape(ops.maxPool2d(h, { kernel: 2 }), [2, 2 * 2 * 8]);
    const y = ops.tanh(ops.matmul(pooled, ops.parameter("dense", [32, 4])));
    return { y, dimage: gradients(ops.sum(ops.square(y)), [image])[0], shifted: ops.add(pooled, 1) };
  },
  "a pooling of a leaf and of a view, which are also outputs": () => {
    const image = ops.parameter("image", [2, 4, 6, 3]);
    const turned = ops.transpose(image, [0, 2, 1, 3]);
    return {
      image,
      turned,
      y: ops.averagePool2d(image, { kernel: 2 }),
      z: ops.maxPool2d(turned, { kernel: 3, stride: 1 }),
    };
  },
  "rows that an expression chooses, of a table that is computed": () => ({
    y: ops.tanh(ops.gather(ops.mul(2, x), ops.mul(ops.iota([2, 3], 1), ops.iota([2, 3], 0)))),
  }),
  'leaves called "state" and "out0"': () => ({ y: ops.add(ops.parameter("state", [4]), ops.normal("out0", [4])) }),
};

for (const name of quickAdapters) {
  test(`every way of forming kernels gives the interpreter's values: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    for (const [what, outputs] of Object.entries(graphs)) {
      const graph = collect(outputs());
      const options = { feeds: randomFeeds(graph.nodes, 3), seed: [4, 5] as const, step: 6 };
      const want = interpret(graph, options);
      for (const fuse of isLong ? [true, false] : [true]) {
        const got = await run(graph, { ...options, fuse });
        for (const key of Object.keys(want))
          expect(relativeError(got[key], want[key]), `${what}: ${key}`).toBeLessThan(1e-5);
      }
    }
  });
}

test("bias and activation are the matmul's epilogue, and cost no kernel", () => {
  expect(kernels(collect(graphs["a matmul's bias and activation"]()))).toEqual(["matmul"]);
});

test("an activation that one op takes twice stays in the matmul's epilogue", () => {
  expect(kernels(collect(graphs["a matmul whose activation is used twice by one op"]()))).toEqual(["matmul"]);
});

test("the negative of a negative number is no decrement", () => {
  const graph = collect(graphs["constants alone"]());
  const leaves = () => ({ buffer: { external: "none" }, offset: 0 });
  for (const { code } of compile(graph, { profile, leaves, fuse: false }).dispatches) {
    expect(code.slice(code.indexOf("fn main"))).not.toContain("--");
  }
});

test("a value that several ops use is computed by one of their kernels", () => {
  const y = ops.exp(x);
  expect(kernels(collect({ a: ops.tanh(y), b: ops.square(y), c: ops.sum(y, { axes: [1] }) }))).toEqual(["reduce"]);
});

test("a loss, its sum over each row and its gradient are one pass over the data", () => {
  const target = ops.input("target", [6, 8]);
  const loss = ops.bceWithLogits(x, target);
  expect(kernels(collect({ rows: ops.sum(loss, { axes: [1] }), dx: gradients(ops.sum(loss), [x])[0] }))).toEqual([
    "reduce",
  ]);
});

test("an op with a shader of its own takes an activation before it and an op after it from their kernels", () => {
  const image = ops.parameter("image", [2, 4, 4, 8]);
  const conv = ops.relu(ops.conv2d(image, ops.parameter("kernel", [1, 1, 8, 8])));
  const y = ops.mul(ops.maxPool2d(conv, { kernel: 2 }), 0.5);
  expect(kernels(collect({ y: ops.sum(y) }))).toEqual(["conv", "pool", "reduce"]);
});

test("views cost no kernel", () => {
  const y = ops.transpose(ops.reshape(ops.slice(x, [1, 0], [4, 8]), [2, 2, 8]), [2, 0, 1]);
  expect(kernels(collect({ y: ops.add(ops.pad(y, [0, 1, 0], [8, 4, 2]), 1) }))).toEqual(["elementwise"]);
});

test("zeros around an image that is stored as well are one map with it, which reads its operands once", () => {
  const a = ops.parameter("a", [2, 6, 6, 8]);
  const image = ops.relu(ops.mul(a, ops.parameter("scale", [8])));
  const padded = ops.pad(image, [0, 1, 1, 0], [2, 8, 8, 8]);
  const [map, ...others] = planOf(collect({ image, padded })).dispatches;
  expect(others).toEqual([]);
  expect(map.kernel).toBe("elementwise/map");
  expect(map.bindings.map(({ access }) => access)).toEqual(["read", "read", "read_write", "read_write"]);
  expect(map.code.match(/ = in\d\[/g)).toHaveLength(2);
});

test("the mask of a maximum compares values from memory, where the maximum was taken of them too", () => {
  const graph = collect(graphs["the gradient of a maximum of computed values"]());
  const codes = planOf(graph).dispatches.flatMap(({ code }) => code.split(/^(?=fn part_)/m));
  const compared = codes.flatMap((code) => [...code.matchAll(/(v\d+) == (v\d+)/g)].map(([, a, b]) => ({ code, a, b })));
  expect(compared.length).toBeGreaterThan(0);
  for (const { code, a, b } of compared) {
    for (const value of [a, b]) expect(code).toMatch(new RegExp(`let ${value} = (vec4f\\()?(in|out)[\\d_]+\\[`));
  }
});

test("a plan prints as a table, a line for every dispatch and the totals", () => {
  const plan = planOf(collect(graphs["a softmax and its gradient"]()));
  const lines = printPlan(plan).split("\n");
  expect(lines).toHaveLength(plan.dispatches.length + 2);
  expect(lines[1]).toContain(plan.dispatches[0].kernel);
  expect(lines.at(-1)).toContain(`${plan.dispatches.length} dispatches`);
});

test("outputs with places in one buffer are computed there, even where they are equal or feed each other", async () => {
  const device = await engineDevice(drivers[drivers.length - 1]);
  test.skip(device === undefined, "Dawn is not installed");
  const a = ops.parameter("a", [4]);
  const y = ops.add(a, ops.slice(ops.tanh(ops.sum(x, { axes: [0] })), [0], [4]));
  const further = ops.matmul(ops.reshape(y, [1, 4]), ops.parameter("m", [4, 4]));
  const graph = collect({ first: y, equal: ops.add(y, 0), square: ops.square(y), further, leaf: a });
  const names = Object.keys(graph.outputs);
  const placeOf = (name: string) => 256 * names.indexOf(name);
  const plan = compile(graph, {
    profile,
    leaves: (node) => ({ buffer: { external: node.name! }, offset: 0 }),
    outputs: (name) => ({ buffer: { external: "arena" }, offset: placeOf(name) }),
  });
  const feeds = randomFeeds(graph.nodes, 1);
  const buffers: Record<string, GPUBuffer> = { arena: storageBuffer(device!, 256 * names.length, "arena") };
  for (const [name, values] of Object.entries(feeds)) {
    buffers[name] = storageBuffer(device!, values.byteLength, name);
    upload(device!, buffers[name], values);
  }
  const program = await createProgram(device!, plan, { buffers });
  const encoder = device!.gpu.createCommandEncoder();
  record(encoder, program.encode);
  device!.gpu.queue.submit([encoder.finish()]);
  const want = interpret(graph, { feeds });
  for (const name of names) {
    expect(plan.outputs[name].binding).toMatchObject({ buffer: { external: "arena" }, offset: placeOf(name) });
    expect(relativeError(await program.read(name), want[name]), name).toBeLessThan(1e-6);
  }
  device!.check();
  program.dispose();
  for (const buffer of Object.values(buffers)) buffer.destroy();
});

test("a plan of many kernels keeps to the storage buffers that every device has", () => {
  for (const outputs of Object.values(graphs)) {
    const counts = compile(collect(outputs()), {
      profile,
      schedules: ["rate"],
      leaves: (node) => ({ buffer: { external: node.name! }, offset: 0 }),
    }).dispatches.map(({ bindings }) => bindings.filter(({ access }) => access !== "uniform").length);
    expect(Math.max(0, ...counts)).toBeLessThanOrEqual(MAX_STORAGE_BUFFERS);
  }
});
