import { expect, test } from "@playwright/test";
import { anomalyThreshold, detection, roc } from "../../src/metrics/detection.ts";

const [yes, no] = [true, false];

test("the threshold is the mean and standard deviations above it", () => {
  expect(anomalyThreshold([1, 3])).toBe(3);
  expect(anomalyThreshold([1, 3], 2)).toBe(4);
  expect(anomalyThreshold(Float32Array.of(2, 2, 2))).toBe(2);
});

test("accuracy, precision and recall have the normal examples as positives", () => {
  // Taken for normal: 1, 2, 3. Two of the three are, and of four normal ones these are half.
  const found = detection([1, 2, 3, 4, 5, 6], [yes, yes, no, yes, yes, no], 3.5);
  expect(found).toEqual({ threshold: 3.5, accuracy: 3 / 6, precision: 2 / 3, recall: 2 / 4 });
});

test("a score at the threshold is an anomaly", () => {
  expect(detection([1, 2], [yes, no], 2)).toMatchObject({ accuracy: 1, precision: 1, recall: 1 });
});

test("where nothing is taken for normal, there is no precision", () => {
  expect(detection([1, 2], [yes, no], 0)).toMatchObject({ accuracy: 0.5, precision: Number.NaN, recall: 0 });
});

test("the area under the ROC is how often an anomaly scores more, equal scores being half", () => {
  const scores = [0.1, 0.4, 0.4, 0.8, 0.2, 0.4, 0.9, 0.05];
  const isNormal = [yes, yes, yes, yes, no, no, no, no];
  let more = 0;
  for (const [i, normal] of isNormal.entries()) {
    if (!normal) continue;
    isNormal.forEach((other, j) => {
      if (!other) more += scores[j] > scores[i] ? 1 : scores[j] === scores[i] ? 0.5 : 0;
    });
  }
  const { points, area } = roc(scores, isNormal);
  expect(area).toBeCloseTo(more / 16, 12);
  expect(points[0]).toEqual([0, 0]);
  expect(points.at(-1)).toEqual([1, 1]);
  expect(points).toHaveLength(7); // three scores are one threshold
});

test("scores that separate have an area of 1, the other way round of 0, and equal ones of a half", () => {
  const isNormal = [yes, yes, no];
  expect(roc([1, 2, 3], isNormal)).toEqual({
    points: [
      [0, 0],
      [0, 0.5],
      [0, 1],
      [1, 1],
    ],
    area: 1,
  });
  expect(roc([3, 2, 1], isNormal).area).toBe(0);
  expect(roc([2, 2, 2], isNormal)).toEqual({
    points: [
      [0, 0],
      [1, 1],
    ],
    area: 0.5,
  });
});

test("what cannot be judged is refused in a sentence", () => {
  expect(() => anomalyThreshold([])).toThrow("There are no scores.");
  expect(() => anomalyThreshold([1, Number.NaN])).toThrow("Score 1 is NaN, and has to be finite.");
  expect(() => detection([1, 2], [yes], 1)).toThrow("2 scores are not of 1 examples.");
  expect(() => roc([1, 2], [yes, yes])).toThrow("A ROC needs normal examples and others, and these are 2 and 0.");
});
