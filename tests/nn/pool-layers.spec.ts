import { expect, test } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { embeddingLayer } from "../../src/nn/embedding-layer.ts";
import { averagePoolLayer, maxPoolLayer, upsampleLayer } from "../../src/nn/pool-layers.ts";
import * as ops from "../../src/ops/public.ts";
import { usePass } from "../../src/train/batch.ts";

const pass = usePass(2);

test("pooling halves an image, up-sampling doubles it again, and of a plain image nothing is lost", () => {
  const x = ops.input("x", [2, 6, 4, 3]);
  const feeds = { x: new Float32Array(144).fill(0.25) };
  for (const down of [maxPoolLayer({ kernel: 2 }), averagePoolLayer({ kernel: 3, stride: 2, padding: "same" })]) {
    for (const up of [upsampleLayer(2), upsampleLayer(2, "bilinear")]) {
      const half = down.apply(x, pass);
      expect(half.shape).toEqual([2, 3, 2, 3]);
      const whole = up.apply(half, pass);
      expect(whole.shape).toEqual(x.shape);
      expect(new Set(interpret(collect({ whole }), { feeds }).whole)).toEqual(new Set([0.25]));
    }
  }
});

test("an embedding begins as standard normal numbers, and its gradient counts how often an id was met", () => {
  const layer = embeddingLayer("codes", { count: 300, width: 64 });
  const [table] = layer.parameters;
  expect([table.name, ...table.shape]).toEqual(["codes.weight", 300, 64]);
  const values = table.initialize(1);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  // Five standard errors of 19,200 numbers.
  expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(values.length));
  expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));

  const rows = layer.apply(ops.input("ids", [2, 2]), pass);
  expect(rows.shape).toEqual([2, 2, 64]);
  const [slope] = gradients(ops.sum(rows), [table.node]);
  const { counts } = interpret(collect({ counts: ops.sliceAxis(slope, 1, 0, 1) }), {
    feeds: { ids: [7, 299, 7, 300], "codes.weight": values },
  });
  expect([counts[7], counts[299], counts.reduce((a, b) => a + b)]).toEqual([2, 1, 3]);
});
