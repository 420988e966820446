import { collect } from "../../graph/graph.ts";
import { createNode } from "../../node/node.ts";
import { conv2dFilterGradientOp, conv2dInputGradientOp } from "../../ops/conv.ts";
import { conv2d } from "../../ops/convolve.ts";
import { input } from "../../ops/leaf.ts";
import { type BenchCase, graphCase } from "../case.ts";
import { randomFloats } from "../data.ts";
import type { Family } from "../family.ts";
import { parseLayer } from "../shapes.ts";

/** The layers of `conv-vae` that cost most, and its first, at batch 128. */
const STANDARD = ["128x28x28x32x64 k3 s2", "128x14x14x32x64 k3 s2", "128x28x28x1x32 k3 s2"];

/** Images with their zeros around them in memory already, so that the kernels alone are timed. */
export const conv: Family = {
  summary:
    "convolution and its gradients, padding SAME; shapes are BxHxWxCxO kK sS: batch, image, channels in and out, kernel, stride",
  cases: ({ shapes = STANDARD }) => shapes.flatMap(casesOf),
  graphs: (shapes = STANDARD) =>
    shapes.flatMap((shape) => Object.values(formsOf(shape).forms).map((result) => collect({ result }))),
};

/** A convolution and its two gradients, their operands, and the shape as it is written in full. */
function formsOf(shape: string) {
  const { extents, sizes } = parseLayer(shape, ["B", "H", "W", "C", "O"], { k: 3, s: 1 });
  const [batch, height, width, channels, outputs] = extents;
  const { k: kernel, s: stride } = sizes;
  const padded = (extent: number) => (Math.ceil(extent / stride) - 1) * stride + kernel;
  const x = input("x", [batch, padded(height), padded(width), channels]);
  const w = input("w", [kernel, kernel, channels, outputs]);
  const y = conv2d(x, w, { stride });
  const dy = input("dy", y.shape);
  const forms = {
    forward: y,
    "input gradient": createNode(conv2dInputGradientOp, [dy, w], { ...y.attributes, size: x.shape.slice(1, 3) }),
    "filter gradient": createNode(conv2dFilterGradientOp, [x, dy], { ...y.attributes, kernel: [kernel, kernel] }),
  };
  const written = `${batch}x${height}x${width}x${channels}x${outputs} k${kernel} s${stride}`;
  return { forms, operands: [x, w, dy], written };
}

function casesOf(shape: string): BenchCase[] {
  const { forms, operands, written } = formsOf(shape);
  const feeds = () =>
    Object.fromEntries(
      operands.map(({ name, shape }, k) => [
        name!,
        randomFloats(
          shape.reduce((a, b) => a * b),
          k + 1,
        ),
      ]),
    );
  return Object.entries(forms).map(([variant, result]) =>
    graphCase({ kernel: "conv", variant, shape: written, outputs: { result }, feeds }),
  );
}
