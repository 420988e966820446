import type { Node } from "../node/node.ts";
import { add, div, mul, sqrt, square, sub } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { normal } from "../ops/noise.ts";
import { sort } from "../ops/ranking.ts";
import { sum } from "../ops/reduce.ts";
import { denseParts, plainOptions } from "./dense-parts.ts";
import { family } from "./family.ts";
import { standardNormal } from "./inference.ts";
import { size, weight } from "./options.ts";
import { plain } from "./plain.ts";

/** Farther out than any code: rows that do not count come last in every order, and are there alike. */
const LAST = -1e9;

/**
 * The squared 2-Wasserstein distance of two samples, a and b of [rows, width], as it is along lines, [lines, width]: the mean of the
 * squared distances of those that are each other's in their order, over rows and lines, → []. weight: [rows], 1 for each that counts.
 */
export function slicedWasserstein(a: Node, b: Node, lines: Node, weight: Node): Node {
  const directions = div(lines, sqrt(sum(square(lines), { axes: [1], keepDims: true })));
  const inOrder = (codes: Node) => {
    const along = matmul(directions, codes, { transposeB: true });
    return sort(add(mul(weight, along), mul(LAST, sub(1, weight))));
  };
  return div(sum(square(sub(inOrder(a), inOrder(b)))), mul(lines.shape[0], sum(weight)));
}

/** Autoencoder of dense layers with the sliced Wasserstein distance between the batch's codes and as many draws of the prior. */
export const slicedWae = family({
  name: "sliced-wae",
  title: "Sliced Wasserstein",
  purpose: "sample",
  summary: "autoencoder whose codes, seen from any direction, must lie as draws of a normal distribution do",
  words:
    "Redraws pictures, and looks at all their codes from random directions. From each they must lie as random ones do.",
  formula:
    "error(x, decode(encode(x))) + distanceWeight · mean of W₂²(θ · codes, θ · draws of N(0, 1)) over directions θ",
  source: "Kolouri, Pope, Martin and Rohde 2018, https://arxiv.org/abs/1804.01947",
  reads: ["x"],
  options: {
    ...plainOptions({ hidden: [512, 256], latent: 8 }),
    directions: size(50, "random directions that codes are seen from, others in each step"),
    distanceWeight: { ...weight(100, "weight of the distance"), upTo: 1000 },
  },
  presets: { "sliced-wae": { summary: "784-512-256-8, binary cross-entropy, 50 directions" } },
  build: ({ latent, loss, directions, distanceWeight, ...common }, { fields: { x } }) => {
    const prior = standardNormal(latent);
    return plain({
      x,
      latent,
      loss,
      prior,
      ...denseParts(x, { latent, ...common }),
      extras: {
        distance: {
          weight: distanceWeight,
          unit: "",
          of: ({ code, batch, pass }) => {
            const lines = normal(pass.noise("directions"), [directions, latent]);
            return slicedWasserstein(code, prior.draw(pass), lines, batch.weight);
          },
        },
      },
    });
  },
});
