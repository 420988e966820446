import { expect, test } from "@playwright/test";
import { CATEGORIES } from "../../src/report/palette.ts";

type Vector = readonly number[];

/** sRGB 0..255 to linear 0..1. */
const linear = (value: number) => (value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);

const times = (matrix: readonly Vector[], vector: Vector) =>
  matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i]!, 0));

/** B. Ottosson, "A perceptual color space for image processing", 2020. */
function oklab(rgb: Vector): Vector {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  ).map(Math.cbrt);
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

/** Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009. */
const VISIONS = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

test("the ten category colours and white stay apart in every kind of colour vision", () => {
  expect(CATEGORIES.length).toBe(10);
  for (const [vision, matrix] of Object.entries(VISIONS)) {
    const seen = [...CATEGORIES, [255, 255, 255]].map((color) =>
      oklab(times(matrix, color.map(linear)).map((value) => Math.min(1, Math.max(0, value)))),
    );
    seen.forEach((a, i) => {
      for (const b of seen.slice(0, i)) {
        const distance = Math.hypot(...a.map((value, c) => value - b[c]!));
        expect(distance, `${vision}, colour ${i}`).toBeGreaterThan(0.1);
      }
    });
  }
});
