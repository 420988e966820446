import { gradients } from "../graph/differentiate.ts";
import type { Node } from "../node/node.ts";
import { add, div, mul, square, sub } from "../ops/arithmetic.ts";
import { iota, oneHot } from "../ops/indexing.ts";
import { normal } from "../ops/noise.ts";
import { sum } from "../ops/reduce.ts";
import { broadcastTo, reshape } from "../ops/shape.ts";
import { perExample } from "./examples.ts";

// ‖∂f/∂x‖²_F of each example, [rows]: how far a function moves for a small step of x, over all directions. A function treats each
// row alone, without noise; what is given is x: [rows, ...shape] and f: [rows, ...shape] → [rows, outputs].

type RowFunction = (x: Node) => Node;

/**
 * In full, by double differentiation: every example is taken once for each of the outputs, in one batch of outputs · rows, and
 * differentiated by that output.
 */
export function squaredJacobian(f: RowFunction, x: Node, outputs: number): Node {
  const [rows, ...shape] = x.shape;
  const repeated = reshape(broadcastTo(x, [outputs, rows, ...shape]), [outputs * rows, ...shape]);
  const own = reshape(oneHot(iota([outputs]), outputs), [outputs, 1, outputs]);
  const picked = mul(reshape(f(repeated), [outputs, rows, outputs]), own);
  const [slopes] = gradients(sum(picked), [repeated]);
  return sum(reshape(perExample(square(slopes)), [outputs, rows]), { axes: [0] });
}

/**
 * Estimated by so many random directions v ~ N(0, 1) of the outputs: E ‖vᵀ ∂f/∂x‖² is the whole (Hutchinson 1990,
 * https://doi.org/10.1080/03610919008812866).
 *
 * @param noise gives the name that a direction is drawn under
 */
export function estimatedJacobian(f: RowFunction, x: Node, directions: number, noise: () => string): Node {
  const y = f(x);
  const squares = Array.from({ length: directions }, () => {
    const [slope] = gradients(sum(mul(y, normal(noise(), y.shape))), [x]);
    return perExample(square(slope));
  });
  return div(
    squares.reduce((total, one) => add(total, one)),
    directions,
  );
}

/**
 * In closed form, of one sigmoid layer: Σ_j (h_j (1 − h_j))² Σ_i W_ij².
 *
 * @param h [rows, outputs]: what the layer gives
 * @param weight [inputs, outputs]
 */
export const sigmoidLayerJacobian = (h: Node, weight: Node): Node =>
  sum(mul(square(mul(h, sub(1, h))), sum(square(weight), { axes: [0] })), { axes: [1] });
