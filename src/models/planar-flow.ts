import type { Node } from "../node/node.ts";
import { softplus, tanh } from "../ops/activation.ts";
import { add, div, log, mul, square, sub } from "../ops/arithmetic.ts";
import { sum } from "../ops/reduce.ts";
import { concat, reshape, sliceAxis } from "../ops/shape.ts";
import type { Flow } from "./inference.ts";

/** Keeps a w of zeros from dividing by 0. */
const TINY = 1e-12;

/**
 * So many planar steps, each f(z) = z + û tanh(w · z + b): codes move along one direction, by where they lie along another. The
 * encoder gives u, w and b of each, and û is u but for what makes û · w = softplus(u · w) − 1, without which f could not
 * be inverted (Rezende and Mohamed 2015, https://arxiv.org/abs/1505.05770).
 */
export function planarFlow({ latent, steps }: { readonly latent: number; readonly steps: number }): Flow {
  const size = steps * latent;
  return {
    parameters: [],
    context: 2 * size + steps,
    apply: (start, context) => {
      const [rows] = start.shape;
      const each = (from: number) => reshape(sliceAxis(context, 1, from, from + size), [rows, steps, latent]);
      const [u, w, b] = [each(0), each(size), sliceAxis(context, 1, 2 * size, 2 * size + steps)];
      const along = sum(mul(u, w), { axes: [2], keepDims: true });
      const stretch = softplus(along);
      const squares = sum(square(w), { axes: [2], keepDims: true });
      const invertible = add(u, mul(div(sub(sub(stretch, 1), along), add(squares, TINY)), w));

      let z = start;
      const bent: Node[] = [];
      for (let step = 0; step < steps; step++) {
        const own = (x: Node) => sliceAxis(x, 1, step, step + 1);
        const place = sum(mul(reshape(own(w), [rows, latent]), z), { axes: [1], keepDims: true });
        bent.push(tanh(add(place, own(b))));
        z = add(z, mul(reshape(own(invertible), [rows, latent]), bent[step]));
      }
      // 1 + û · w (1 − tanh²), as a sum of numbers that are not negative.
      const tanhSquared = square(concat(bent, 1));
      const determinants = add(tanhSquared, mul(reshape(stretch, [rows, steps]), sub(1, tanhSquared)));
      return { z, logDet: sum(log(determinants), { axes: [1] }) };
    },
  };
}
