import { gradients } from "../../graph/differentiate.ts";
import type { Layer } from "../../nn/layers.ts";
import { batchNorm, groupNorm, layerNorm } from "../../nn/norm-layers.ts";
import type { Pass } from "../../nn/pass.ts";
import type { Node } from "../../node/node.ts";
import { mul } from "../../ops/arithmetic.ts";
import { input } from "../../ops/leaf.ts";
import { sum } from "../../ops/reduce.ts";
import { graphCase } from "../case.ts";
import { randomFloats } from "../data.ts";
import type { Family } from "../family.ts";
import { parseExtents } from "../shapes.ts";

/** The norms as a training step has them: the output, the next running statistics, and all gradients. */
export const norm: Family = {
  summary: "a norm of images with its gradients, BxHxWxC",
  cases: ({ shapes = ["128x14x14x64"] }) =>
    shapes.flatMap((shape) => {
      const extents = parseExtents(shape, ["B", "H", "W", "C"]);
      const [batch, , , channels] = extents;
      const size = extents.reduce((product, extent) => product * extent, 1);
      const x = input("x", extents);
      const weight = input("weight", [batch]);
      const dy = input("dy", extents);
      const layers: Readonly<Record<string, Layer>> = {
        batch: batchNorm("norm", channels),
        layer: layerNorm("norm", channels),
        group: groupNorm("norm", channels, channels % 8 === 0 ? 8 : 1),
      };
      return Object.entries(layers).map(([variant, layer]) => {
        const statistics: Record<string, Node> = {};
        const pass: Pass = {
          training: true,
          rows: batch,
          weight,
          noise: (name) => name,
          update: ({ name, node }, next) => {
            statistics[name] = next(node);
          },
        };
        const y = layer.apply(x, pass);
        const [scale, shift] = layer.parameters;
        const [dx, dScale, dShift] = gradients(sum(mul(y, dy)), [x, scale.node, shift.node]);
        return graphCase({
          kernel: "norm",
          variant,
          shape: extents.join("x"),
          outputs: { y, dx, dScale, dShift, ...statistics },
          feeds: () => ({
            x: randomFloats(size, 1),
            dy: randomFloats(size, 2),
            ...Object.fromEntries(layer.parameters.map((parameter) => [parameter.name, parameter.initialize(0)])),
            ...(variant === "batch" && { weight: new Float32Array(batch).fill(1) }),
          }),
        });
      });
    }),
};
