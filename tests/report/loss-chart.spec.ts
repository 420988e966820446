import { expect, test } from "@playwright/test";
import type { ReportEpoch } from "../../src/report/epoch.ts";
import { lossChart } from "../../src/report/loss-chart.ts";
import { FAINT_INK, LINE_COLORS } from "../../src/report/palette.ts";
import { decodePng } from "../formats/decode-png.ts";

const epoch = (epoch: number, terms: Record<string, number>, more: Partial<ReportEpoch> = {}): ReportEpoch => ({
  epoch,
  train: terms,
  test: terms,
  seconds: 1,
  stepsPerSecond: 10,
  ...more,
});

/** Columns and rows of the plot that have a colour: below the legend and right of the axis. */
function drawn(png: Uint8Array, color: readonly number[], top = 140) {
  const { width, height, pixels } = decodePng(png);
  const found: [number, number][] = [];
  for (let y = top; y < height - 110; y++) {
    for (let x = 190; x < width; x++) {
      const at = (y * width + x) * 3;
      if (color.every((value, c) => pixels[at + c] === value)) found.push([x, y]);
    }
  }
  return found;
}

test("only losses are curves: of one objective those of training and test", () => {
  const epochs = [1, 2, 3].map((k) => epoch(k, { loss: 4 - k, kl: k }, { test: { loss: 5 - k, kl: k } }));
  const png = lossChart(epochs, { loss: "nats", kl: "nats" });
  expect(drawn(png, LINE_COLORS[0]).length).toBeGreaterThan(1000);
  expect(drawn(png, LINE_COLORS[1]).length).toBeGreaterThan(1000);
  expect(drawn(png, LINE_COLORS[2])).toEqual([]);
});

test("of several objectives each has curves of its own", () => {
  const epochs = [1, 2, 3].map((k) =>
    epoch(k, { "a.loss": k, "b.loss": 4 - k }, { test: { "a.loss": k + 1, "b.loss": 1.5 } }),
  );
  const png = lossChart(epochs, { "a.loss": "nats", "b.loss": "" });
  for (const k of [0, 1, 2, 3]) expect(drawn(png, LINE_COLORS[k]).length).toBeGreaterThan(500);
});

test("a line marks the end of each of several stages, and curves are broken there", () => {
  const staged = (names: string[]) =>
    lossChart(
      names.map((stage, k) => epoch(k + 1, { loss: k }, { stage })),
      { loss: "" },
    );
  const upright = (png: Uint8Array) => {
    const columns = new Map<number, number>();
    for (const [x] of drawn(png, FAINT_INK)) columns.set(x, (columns.get(x) ?? 0) + 1);
    return [...columns].filter(([, count]) => count > 300).map(([x]) => x);
  };
  expect(upright(staged(["all", "all", "all", "all"]))).toEqual([]);
  // Two pixels wide each; the last one's end is the chart's.
  expect(upright(staged(["layer 1", "layer 1", "head", "head"])).length).toBe(4);
  const columns = (png: Uint8Array) => [...new Set(drawn(png, LINE_COLORS[1]).map(([x]) => x))].sort((a, b) => a - b);
  const gaps = (png: Uint8Array) => columns(png).filter((x, i, all) => i > 0 && x - all[i - 1] > 40).length;
  expect(gaps(staged(["all", "all", "all", "all"]))).toBe(0);
  expect(gaps(staged(["layer 1", "layer 1", "head", "head"]))).toBe(1);
});

test("what is not tested has a curve of the training alone", () => {
  const epochs = [1, 2, 3].map((k) => epoch(k, { loss: 4 - k }, { test: {} }));
  const png = lossChart(epochs, { loss: "" });
  expect(drawn(png, LINE_COLORS[0]).length).toBeGreaterThan(1000);
  expect(drawn(png, LINE_COLORS[1], 0)).toEqual([]);
});
