import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { add, clamp, greater, mul, sub } from "../ops/arithmetic.ts";
import { normal, uniform } from "../ops/noise.ts";

/** x spoilt by so much, with noise of its own. */
type Corruption = (x: Node, amount: number, pass: Pass) => Node;

/** 1 with probability p, else 0. */
const chosen = (x: Node, p: number, name: string) => greater(p, uniform(name, x.shape));

/**
 * How a denoiser's input is spoilt. `gaussian`: normal noise of standard deviation `amount`; `clipped`: the same, kept
 * within 0..1; `masking`: so large a share of the numbers becomes 0; `saltAndPepper`: becomes 0 or 1, half of it each.
 */
export const corruptions = {
  gaussian: (x, amount, pass) => add(x, mul(amount, normal(pass.noise("corruption"), x.shape))),
  clipped: (x, amount, pass) => clamp(add(x, mul(amount, normal(pass.noise("corruption"), x.shape))), 0, 1),
  masking: (x, amount, pass) => mul(x, sub(1, chosen(x, amount, pass.noise("corruption")))),
  saltAndPepper: (x, amount, pass) => {
    const spoilt = chosen(x, amount, pass.noise("corruption"));
    const salt = chosen(x, 0.5, pass.noise("salt"));
    return add(mul(x, sub(1, spoilt)), mul(spoilt, salt));
  },
} as const satisfies Record<string, Corruption>;
