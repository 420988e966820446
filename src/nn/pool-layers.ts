import type { Pair } from "../ops/conv-geometry.ts";
import { averagePool2d, maxPool2d } from "../ops/pool.ts";
import { resizeBilinear, upsampleNearest } from "../ops/resample.ts";
import type { Layer } from "./layers.ts";

// Layers that change the size of images [batch, H, W, C] and train nothing.

/** The largest of each window; options as `maxPool2d` has them. */
export const maxPoolLayer = (options: Parameters<typeof maxPool2d>[1]): Layer => ({
  parameters: [],
  apply: (x) => maxPool2d(x, options),
});

/** The mean of each window; options as `averagePool2d` has them. */
export const averagePoolLayer = (options: Parameters<typeof averagePool2d>[1]): Layer => ({
  parameters: [],
  apply: (x) => averagePool2d(x, options),
});

/** Larger images by a whole factor: pixels repeated, or between their neighbours in a straight line. */
export const upsampleLayer = (factor: number, mode: "nearest" | "bilinear" = "nearest"): Layer => ({
  parameters: [],
  apply: (x) =>
    mode === "nearest"
      ? upsampleNearest(x, factor)
      : resizeBilinear(x, x.shape.slice(1, 3).map((extent) => extent * factor) as unknown as Pair),
});
