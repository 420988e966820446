import type { ReportEpoch, Units } from "./epoch.ts";
import { describeUnit, lossesOf } from "./html-text.ts";
import { lineChart, type Series } from "./line-chart.ts";

/**
 * The curves of a run's losses over its epochs as PNG: training and test of each. Where stages with other terms follow each
 * other, a line with the name of the stage that ends stands between them.
 */
export function lossChart(epochs: readonly ReportEpoch[], units: Units): Uint8Array<ArrayBuffer> {
  const names = [...new Set(epochs.flatMap(({ train, test }) => lossesOf({ ...train, ...test })))];
  const measured = [...new Set(names.map((name) => units[name] ?? ""))];
  const stages = [...new Set(epochs.map(({ stage }) => stage))];
  const ends = stages.flatMap((stage) => {
    const last = epochs.findLast((epoch) => epoch.stage === stage);
    return stage === undefined || last === undefined ? [] : [{ x: last.epoch, name: stage }];
  });
  const series = names.flatMap((name): Series[] => {
    const of = name === "loss" ? "" : ` ${name.replace(/\.loss$/, "")}`;
    const curve = (split: "train" | "test") => ({
      name: `${split === "train" ? "training" : "test"}${of}`,
      points: pointsOf(epochs, (epoch) => epoch[split]?.[name]),
    });
    const held = epochs.some(({ test }) => test?.[name] !== undefined);
    return held ? [curve("train"), curve("test")] : [curve("train")];
  });
  return lineChart({
    title: "Loss",
    xLabel: "epoch",
    yLabel: (stages.length > 1 || measured.length !== 1 ? "" : describeUnit(measured[0])) || "loss",
    series,
    marks: stages.length > 1 ? ends : [],
  });
}

/** A curve is broken between two stages: their numbers are not alike. */
function pointsOf(
  epochs: readonly ReportEpoch[],
  value: (epoch: ReportEpoch) => number | undefined,
): [number, number][] {
  return epochs.flatMap((epoch, k): [number, number][] => {
    const point: [number, number] = [epoch.epoch, value(epoch) ?? Number.NaN];
    const breaks = k > 0 && epochs[k - 1].stage !== epoch.stage;
    return breaks ? [[epoch.epoch, Number.NaN], point] : [point];
  });
}
