import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { quickAdapters, test } from "../support/adapters.ts";
import { relativeError } from "../support/numbers.ts";

// Pooling, interpolation, cross-entropy and embedding by PyTorch in float64; make_pool.py tells what the file holds.
const { tensors, metadata } = decodeSafetensors(
  readFileSync(new URL("pool.safetensors", import.meta.url)),
  "pool.safetensors",
);

interface Case {
  readonly kind: string;
  readonly kernel_size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly count_include_pad: boolean;
  readonly scale_factor: number;
  readonly size: readonly [number, number];
}

const cases: readonly Case[] = JSON.parse(metadata.cases);
const golden = (name: string) => tensors[name].data as Float32Array;

const windowOf = ({ kernel_size: kernel, stride, padding: [h, w] }: Case) => ({
  kernel,
  stride,
  padding: { top: h, bottom: h, left: w, right: w },
});

/** What PyTorch's functions are here; t: target or ids. */
const builders: Readonly<Record<string, (x: Node, options: Case, t: () => Node) => Node>> = {
  max: (x, options) => ops.maxPool2d(x, windowOf(options)),
  average: (x, options) => ops.averagePool2d(x, { ...windowOf(options), countPadding: options.count_include_pad }),
  nearest: (x, { scale_factor }) => ops.upsampleNearest(x, scale_factor),
  bilinear: (x, { size }) => ops.resizeBilinear(x, size),
  logsumexp: (x) => ops.logsumexp(x),
  softmax: (x) => ops.softmax(x),
  crossEntropyIds: (x, _, t) => ops.crossEntropy(x, t()),
  crossEntropyProbabilities: (x, _, t) => ops.crossEntropy(x, t()),
  embedding: (x, _, t) => ops.embedding(x, t()),
};

/** The chosen cases with their gradients, in one graph; outputs are named as in the file. */
function graphOf(chosen: readonly number[]) {
  const outputs = chosen.flatMap((k) => {
    const x = ops.parameter(`${k}.x`, tensors[`${k}.x`].shape);
    const y = builders[cases[k].kind](x, cases[k], () => ops.input(`${k}.t`, tensors[`${k}.t`].shape));
    expect(y.shape).toEqual(tensors[`${k}.y`].shape);
    const [dx] = gradients(ops.sum(ops.mul(y, ops.input(`${k}.dy`, y.shape))), [x]);
    return [
      [`${k}.y`, y],
      [`${k}.dx`, dx],
    ] as const;
  });
  return collect(Object.fromEntries(outputs));
}

const feeds = Object.fromEntries(Object.keys(tensors).map((name) => [name, golden(name)]));
const all = cases.map((_, k) => k);

test("the interpreter's poolings, resizings, cross-entropies, embeddings and their gradients are PyTorch's", () => {
  const got = interpret(graphOf(all), { feeds });
  for (const name of Object.keys(got)) {
    expect(relativeError(got[name], golden(name)), `${name}: ${cases[Number.parseInt(name, 10)].kind}`).toBeLessThan(
      1e-7,
    );
  }
});

for (const name of quickAdapters) {
  test(`poolings, resizings, cross-entropies, embeddings and their gradients are PyTorch's: ${name}`, async ({
    adapters,
  }) => {
    const graph = graphOf(all);
    const got = await (await adapters.open(name))(graph, { feeds });
    for (const key of Object.keys(graph.outputs)) expect(relativeError(got[key], golden(key)), key).toBeLessThan(1e-6);
  });
}
