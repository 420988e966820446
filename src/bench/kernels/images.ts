import { gradients } from "../../graph/differentiate.ts";
import { type Node, sizeOf } from "../../node/node.ts";
import { mul } from "../../ops/arithmetic.ts";
import { input } from "../../ops/leaf.ts";
import { averagePool2d, maxPool2d } from "../../ops/pool.ts";
import { sum } from "../../ops/reduce.ts";
import { resizeBilinear, upsampleNearest } from "../../ops/resample.ts";
import { graphCase } from "../case.ts";
import { randomFloats } from "../data.ts";
import type { Family } from "../family.ts";
import { parseLayer } from "../shapes.ts";

/** After the first convolution of an autoencoder of 28 x 28 pixels, and before the last one. */
const POOL = ["128x28x28x32 k2 s2", "128x28x28x32 k3 s2"];
const UPSAMPLE = ["128x14x14x32 f2", "128x7x7x64 f2"];

export const pool: Family = {
  summary: "max and average pooling and their gradients, padding SAME; shapes are BxHxWxC kK sS",
  cases: ({ shapes = POOL }) =>
    shapes.flatMap((shape) => {
      const { extents, sizes } = parseLayer(shape, ["B", "H", "W", "C"], { k: 2, s: 2 });
      const options = { kernel: sizes.k, stride: sizes.s, padding: "same" } as const;
      return forwardAndGradient("pool", `${extents.join("x")} k${sizes.k} s${sizes.s}`, extents, {
        max: (x) => maxPool2d(x, options),
        average: (x) => averagePool2d(x, options),
      });
    }),
};

export const upsample: Family = {
  summary: "nearest and bilinear up-sampling by a factor, and their gradients; shapes are BxHxWxC fF",
  cases: ({ shapes = UPSAMPLE }) =>
    shapes.flatMap((shape) => {
      const { extents, sizes } = parseLayer(shape, ["B", "H", "W", "C"], { f: 2 });
      return forwardAndGradient("upsample", `${extents.join("x")} f${sizes.f}`, extents, {
        nearest: (x) => upsampleNearest(x, sizes.f),
        bilinear: (x) => resizeBilinear(x, [extents[1] * sizes.f, extents[2] * sizes.f]),
      });
    }),
};

/** Two cases an op: what it gives, and what its gradient makes of dy. */
function forwardAndGradient(
  kernel: string,
  shape: string,
  extents: readonly number[],
  ops: Readonly<Record<string, (x: Node) => Node>>,
) {
  const x = input("x", extents);
  return Object.entries(ops).flatMap(([op, build]) => {
    const y = build(x);
    const dy = input("dy", y.shape);
    const [dx] = gradients(sum(mul(y, dy)), [x]);
    const feeds = () => ({ x: randomFloats(sizeOf(x.shape), 1), dy: randomFloats(sizeOf(dy.shape), 2) });
    return [
      graphCase({ kernel, variant: op, shape, outputs: { y }, feeds }),
      graphCase({ kernel, variant: `${op} gradient`, shape, outputs: { dx }, feeds }),
    ];
  });
}
