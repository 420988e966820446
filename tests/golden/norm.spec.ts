import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Layer } from "../../src/nn/layers.ts";
import { batchNorm, groupNorm, layerNorm } from "../../src/nn/norm-layers.ts";
import type { Pass } from "../../src/nn/pass.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { usePass } from "../../src/train/batch.ts";
import { quickAdapters, test } from "../support/adapters.ts";
import { relativeError } from "../support/training.ts";

// Layers, their gradients and running statistics by PyTorch in float64; make_norm.py tells what the file holds.
const { tensors, metadata } = decodeSafetensors(
  readFileSync(new URL("norm.safetensors", import.meta.url)),
  "norm.safetensors",
);
const cases = JSON.parse(metadata.cases) as { kind: "batch" | "layer" | "group"; groups: number }[];
const golden = (name: string) => tensors[name].data as Float32Array;
const all = cases.map((_, k) => k);
const isBatchNorm = (k: number): boolean => cases[k].kind === "batch";

function layerOf(k: number): Layer {
  const [channels] = tensors[`${k}.weight`].shape;
  const { kind, groups } = cases[k];
  if (kind === "batch") return batchNorm(`${k}`, channels);
  return kind === "layer" ? layerNorm(`${k}`, channels) : groupNorm(`${k}`, channels, groups);
}

/** A layer's output and its gradients in one pass, named as in the file. */
function outputsOf(layer: Layer, input: string, output: string, slopes: string, pass: Pass): Record<string, Node> {
  const x = ops.parameter(`${input}.x`, tensors[`${input}.x`].shape);
  const y = layer.apply(x, pass);
  const [scale, shift] = layer.parameters;
  const loss = ops.sum(ops.mul(y, ops.input(`${input}.dy`, y.shape)));
  const [dx, dweight, dbias] = gradients(loss, [x, scale.node, shift.node]);
  const named = Object.entries({ dx, dweight, dbias }).map(([name, slope]) => [`${slopes}.${name}`, slope] as const);
  return { [output]: y, ...Object.fromEntries(named) };
}

const trainingPass = (batch: number, update: (name: string, next: Node) => void): Pass => ({
  ...usePass(batch),
  training: true,
  update: ({ name, node }, next) => update(name.split(".").pop()!, next(node)),
});

/** Everything that the file holds of a step of training of the chosen cases, from the running statistics in `feeds`. */
function trained(chosen: readonly number[], step: number) {
  const outputs = chosen.map((k) => {
    const statistics: Record<string, Node> = {};
    const at = `${k}.${step}`;
    const pass = trainingPass(tensors[`${at}.x`].shape[0], (name, next) => {
      statistics[`${at}.${name}`] = next;
    });
    return { ...outputsOf(layerOf(k), at, `${at}.y`, at, pass), ...statistics };
  });
  return collect(Object.assign({}, ...outputs));
}

const evaluated = (chosen: readonly number[]) =>
  collect(
    Object.assign(
      {},
      ...chosen.map((k) => outputsOf(layerOf(k), `${k}.1`, `${k}.evaluated`, `${k}.evaluated`, usePass(1))),
    ),
  );

/** The feeds of a graph after so many steps: inputs and weights as they are, statistics as those steps left them. */
const feedsAfter = (steps: number) =>
  Object.fromEntries([
    ...Object.keys(tensors).map((name) => [name, golden(name)]),
    ...all.filter(isBatchNorm).flatMap((k) =>
      ["runningMean", "runningVariance"].map((name, start) => {
        const channels = tensors[`${k}.weight`].shape[0];
        const from = steps === 0 ? new Float32Array(channels).fill(start) : golden(`${k}.${steps - 1}.${name}`);
        return [`${k}.${name}`, from];
      }),
    ),
  ]);

type Runner = (
  graph: ReturnType<typeof collect>,
  options: { feeds: Record<string, Float32Array> },
) => Promise<Record<string, ArrayLike<number>>> | Record<string, ArrayLike<number>>;

async function expectGolden(run: Runner, chosen: readonly number[], tolerance: number): Promise<void> {
  const batchNorms = chosen.filter(isBatchNorm);
  for (const [graph, steps] of [
    [trained(chosen, 0), 0],
    [trained(batchNorms, 1), 1],
    [evaluated(batchNorms), 2],
  ] as const) {
    const got = await run(graph, { feeds: feedsAfter(steps) });
    const wrong = Object.keys(graph.outputs)
      .map((name) => [name, relativeError(got[name], golden(name))] as const)
      .filter(([, error]) => !(error < tolerance));
    expect(wrong).toEqual([]);
  }
}

test("the interpreter's norms, their gradients and two steps of running statistics are PyTorch's", () =>
  expectGolden((graph, options) => interpret(graph, options), all, 5e-7));

for (const name of quickAdapters) {
  test(`norms, their gradients and two steps of running statistics are PyTorch's: ${name}`, async ({ adapters }) => {
    await expectGolden(await adapters.open(name), all, 1e-5);
  });
}
