import { expect, test } from "@playwright/test";
import { gaussian4 } from "../../src/random/gaussian.ts";
import { philox4x32, type Words2, type Words4 } from "../../src/random/philox.ts";
import { dawnDevice, quickDrivers, runShader } from "../support/dawn.ts";
import { normalDistribution } from "../support/normal.ts";
import { shaderText } from "../support/shader-text.ts";

const COUNT = 2 ** 20;
const STREAM = 7;
const SEED: Words2 = [2024, 11];

/** COUNT standard normals of one stream and step, on the GPU. */
async function gaussiansOnGpu(device: GPUDevice): Promise<Float32Array> {
  const wgsl = `${shaderText("lib/gaussian.wgsl")}
@group(0) @binding(0) var<storage, read_write> numbers: array<vec4f>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  numbers[id.x] = gaussian4(philox(vec4u(id.x, ${STREAM}u, 0u, 0u), vec2u(${SEED[0]}u, ${SEED[1]}u)));
}`;
  const [numbers] = await runShader(device, wgsl, [new Float32Array(COUNT)], COUNT / 4 / 64);
  return numbers;
}

/**
 * Four standard errors for each moment; and for the distance to the normal distribution the critical values of
 * Kolmogorov-Smirnov (1.95/√n) and Anderson-Darling (6), each passed by about 999 of 1000 good samples.
 */
function expectStandardNormal(numbers: Float32Array): void {
  const n = numbers.length;
  const moment = (power: number) => {
    let sum = 0;
    for (const x of numbers) sum += x ** power;
    return sum / n;
  };
  expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));

  const sorted = numbers.slice().sort();
  const below = Float64Array.from(sorted, normalDistribution);
  let distance = 0;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    distance = Math.max(distance, Math.abs(below[i] - i / n), Math.abs(below[i] - (i + 1) / n));
    sum += (2 * i + 1) * (Math.log(below[i]) + Math.log1p(-below[n - 1 - i]));
  }
  expect(distance, "Kolmogorov-Smirnov").toBeLessThan(1.95 / Math.sqrt(n));
  expect(-n - sum / n, "Anderson-Darling").toBeLessThan(6);
}

/** The correlation of neighbours at a distance, in standard errors. */
function correlation(numbers: Float32Array, lag: number): number {
  let sum = 0;
  for (let i = lag; i < numbers.length; i++) sum += numbers[i] * numbers[i - lag];
  return Math.abs(sum) / Math.sqrt(numbers.length - lag);
}

test("the float64 reference is Box and Muller's transform of the words", () => {
  // Computed apart from (x + ½) 2⁻³², of which our uniform numbers keep 23 bits.
  const expected: [Words4, number[]][] = [
    [
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
      [0.9911376799303855, -0.9246625876655352, -0.6176089594591907, -0.48206858748717946],
    ],
  ];
  for (const [words, values] of expected) {
    for (const [i, value] of gaussian4(words).entries()) expect(Math.abs(value - values[i])).toBeLessThan(2e-6);
  }
});

test("the extreme words give finite values, at most 5.77 from 0", () => {
  for (const x of [0, 0xffffffff]) {
    for (const y of [0, 0x40000000, 0x80000000, 0xffffffff]) {
      for (const value of gaussian4([x, y, x, y])) expect(Math.abs(value)).toBeLessThan(5.77);
    }
  }
});

for (const driver of quickDrivers) {
  test.describe(`shaders/lib/gaussian.wgsl on ${driver ?? "the default adapter"}`, () => {
    test("2²⁰ numbers are standard normal, and the first 2¹⁷ equal the float64 reference to 1e-6", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const numbers = await gaussiansOnGpu(device!);
      expectStandardNormal(numbers);
      for (const lag of [1, 2, 3, 4, 256]) expect(correlation(numbers, lag), `lag ${lag}`).toBeLessThan(4.5);

      let error = 0;
      for (let block = 0; block < 2 ** 15; block++) {
        const exact = gaussian4(philox4x32([block, STREAM, 0, 0], SEED));
        for (let k = 0; k < 4; k++) error = Math.max(error, Math.abs(numbers[4 * block + k] - exact[k]));
      }
      expect(error).toBeLessThan(1e-6);
    });
  });
}
