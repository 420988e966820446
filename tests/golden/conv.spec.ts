import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import * as ops from "../../src/ops/public.ts";
import { quickAdapters, test } from "../support/adapters.ts";
import { long } from "../support/long.ts";
import { relativeError } from "../support/training.ts";

// Layers and their gradients by PyTorch in float64; make_conv.py tells what the file holds.
const { tensors, metadata } = decodeSafetensors(
  readFileSync(new URL("conv.safetensors", import.meta.url)),
  "conv.safetensors",
);
const cases = JSON.parse(metadata.cases) as {
  kind: "conv" | "transposed";
  stride: [number, number];
  padding: [number, number];
  dilation: [number, number];
  output_padding?: [number, number];
}[];
const golden = (name: string) => tensors[name].data as Float32Array;

/** The layers of the chosen cases with their gradients, in one graph; outputs are named as in the file. */
function layers(chosen: readonly number[]) {
  const outputs = chosen.flatMap((k) => {
    const { kind, padding, output_padding: outputPadding, ...options } = cases[k];
    const [x, w, b] = ["x", "w", "b"].map((name) => ops.parameter(`${k}.${name}`, tensors[`${k}.${name}`].shape));
    const zeros = { top: padding[0], bottom: padding[0], left: padding[1], right: padding[1] };
    const linear =
      kind === "conv"
        ? ops.conv2d(x, w, { ...options, padding: zeros })
        : ops.convTranspose2d(x, w, { ...options, padding: zeros, outputPadding });
    const y = ops.add(linear, b);
    expect(y.shape).toEqual(tensors[`${k}.y`].shape);
    const slopes = gradients(ops.sum(ops.mul(y, ops.input(`${k}.dy`, y.shape))), [x, w, b]);
    return Object.entries({ y, dx: slopes[0], dw: slopes[1], db: slopes[2] }).map(
      ([name, node]) => [`${k}.${name}`, node] as const,
    );
  });
  return collect(Object.fromEntries(outputs));
}

const feeds = Object.fromEntries(Object.keys(tensors).map((name) => [name, golden(name)]));
const all = cases.map((_, k) => k);

test("the interpreter's convolutions, transposed ones and their gradients are PyTorch's", () => {
  const got = interpret(layers(all), { feeds });
  for (const name of Object.keys(got)) expect(relativeError(got[name], golden(name)), name).toBeLessThan(1e-7);
});

for (const name of quickAdapters) {
  test(`convolutions, transposed ones and their gradients are PyTorch's: ${name}`, async ({ adapters }) => {
    // Whatever the layers' options, the kernels are those that tests of ops hold to the interpreter.
    const graph = layers(all.filter((k) => long || k % 2 === 0));
    const got = await (await adapters.open(name))(graph, { feeds });
    for (const key of Object.keys(graph.outputs)) expect(relativeError(got[key], golden(key)), key).toBeLessThan(2e-6);
  });
}
