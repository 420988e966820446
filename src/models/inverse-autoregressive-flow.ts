import { type InitializerName, initializers } from "../nn/initializers.ts";
import { trained } from "../nn/parameter.ts";
import type { Node } from "../node/node.ts";
import { elu, sigmoid, softplus } from "../ops/activation.ts";
import { add, div, floor, greater, mul, neg, sub } from "../ops/arithmetic.ts";
import { iota } from "../ops/indexing.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/reduce.ts";
import { sliceAxis } from "../ops/shape.ts";
import type { Flow } from "./inference.ts";

export interface AutoregressiveParts {
  /** Numbers in a code. */
  readonly latent: number;
  readonly steps: number;
  /** Width of each step's hidden layer. */
  readonly width: number;
  readonly initializer: InitializerName;
}

/** What a step adds to the logit of its gate, so that at first it keeps most of a code. */
const KEPT = 1;

/**
 * So many inverse autoregressive steps, each z' = gate · z + (1 − gate) · m, where gate and m of a number are made of the
 * numbers before it alone, by two masked dense layers (Kingma et al. 2016, https://arxiv.org/abs/1606.04934); the order is
 * reversed from step to step. The encoder gives what is added to each hidden layer.
 */
export function inverseAutoregressiveFlow({ latent, steps, width, initializer }: AutoregressiveParts): Flow {
  const layers = Array.from({ length: steps }, (_, k) => {
    const { weight, bias } = initializers[initializer];
    const [into, out] = [
      { fanIn: latent, fanOut: width },
      { fanIn: width, fanOut: 2 * latent },
    ];
    return {
      hidden: trained(`flow.${k}.hidden.weight`, [latent, width], weight, into),
      out: trained(`flow.${k}.out.weight`, [width, 2 * latent], weight, out),
      bias: trained(`flow.${k}.out.bias`, [2 * latent], bias, out),
    };
  });
  return {
    parameters: layers.flatMap(({ hidden, out, bias }) => [hidden, out, bias]),
    context: steps * width,
    apply: (start, context) => {
      let z = start;
      const logGates = layers.map(({ hidden, out, bias }, k) => {
        const masks = masksOf(latent, width, k % 2 === 1);
        const told = sliceAxis(context, 1, k * width, (k + 1) * width);
        const h = elu(add(matmul(z, mul(hidden.node, masks.hidden)), told));
        const both = add(matmul(h, mul(out.node, masks.out)), bias.node);
        const logit = add(sliceAxis(both, 1, 0, latent), KEPT);
        const other = sliceAxis(both, 1, latent, 2 * latent);
        z = add(other, mul(sigmoid(logit), sub(z, other)));
        return neg(softplus(neg(logit)));
      });
      return {
        z,
        logDet: sum(
          logGates.reduce((total, each) => add(total, each)),
          { axes: [1] },
        ),
      };
    },
  };
}

/**
 * Masks of a network whose output for a number of a code depends on the numbers before it (Germain et al. 2015,
 * https://arxiv.org/abs/1502.03509): hidden unit k sees the first k mod latent, and is seen by those after them.
 */
function masksOf(latent: number, width: number, reversed: boolean): { readonly hidden: Node; readonly out: Node } {
  const position = (index: Node) => (reversed ? sub(latent - 1, index) : index);
  const seen = (axis: 0 | 1) => modulo(iota(axis === 0 ? [width, 1] : [1, width], axis), latent);
  return {
    hidden: greater(seen(1), position(iota([latent, 1]))),
    out: sub(1, greater(seen(0), position(modulo(iota([1, 2 * latent], 1), latent)))),
  };
}

/** The rest of whole numbers divided by n. */
const modulo = (numbers: Node, n: number): Node => sub(numbers, mul(n, floor(div(add(numbers, 0.5), n))));
