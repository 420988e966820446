import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { bernoulli } from "../ops/noise.ts";

/**
 * What is seen of examples. `off`: the numbers as they are; `dynamic`: they are probabilities, and each is drawn as 0 or 1,
 * anew at every step (Burda et al. 2016, https://arxiv.org/abs/1509.00519).
 */
export const binarisations = {
  off: (x) => x,
  dynamic: (x, pass) => bernoulli(pass.noise("binarisation"), x),
} as const satisfies Record<string, (x: Node, pass: Pass) => Node>;

export type BinarisationName = keyof typeof binarisations;
