import { type BenchCase, verdictOf } from "../bench/case.ts";
import { renderShapes } from "../data/render-shapes.ts";
import { shapes } from "../data/shapes.ts";

/** Images drawn on the GPU: bytes may be off by one at the edges of shapes, where f32 rounds otherwise than float64. */
export function shapesCase(): BenchCase {
  const options = { size: 32, trainCount: 12, testCount: 4, seed: 2 };
  return {
    kernel: "shapes",
    variant: "drawn",
    shape: "16x32x32",
    prepare: async ({ device }) => {
      const [found, exact] = [await renderShapes(device, options), shapes(options)];
      const [a, b] = [found.train.values.x, exact.train.values.x];
      let worst = 0;
      for (let k = 0; k < b.length; k++) worst = Math.max(worst, Math.abs(a[k] - b[k]));
      return { parts: [], verdict: verdictOf(worst / 255, 1 / 255), encode: () => {}, dispose: () => {} };
    },
  };
}
