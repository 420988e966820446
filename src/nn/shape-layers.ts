import type { Shape } from "../node/node.ts";
import { reshape } from "../ops/shape.ts";
import type { Layer } from "./layers.ts";

/** The same numbers of each example under another shape: [batch, ...] → [batch, ...shape]. */
export const reshapeLayer = (shape: Shape): Layer => ({
  parameters: [],
  apply: (x) => reshape(x, [x.shape[0], ...shape]),
});

/** [batch, ...] → [batch, features] */
export const flattenLayer = (): Layer => ({
  parameters: [],
  apply: (x) => reshape(x, [x.shape[0], x.shape.slice(1).reduce((a, b) => a * b, 1)]),
});
