import { expect, test } from "@playwright/test";
import { dawnDevice, drivers, runShader } from "../support/dawn.ts";
import { mapShader } from "../support/shader-text.ts";

type Row = readonly number[];
type Case = {
  shader: string;
  call: string;
  rows: readonly Row[];
  reference: (...row: number[]) => number;
  relative: number;
  absolute: number;
};

const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
/** eᵛ − 1 − v by its series, where the terms would cancel. */
function expResidual(v: number): number {
  if (Math.abs(v) > 0.5) return Math.expm1(v) - v;
  let sum = 0;
  for (let k = 2, term = v; k < 20; k++) sum += term *= v / k;
  return sum;
}

const grid = (...axes: readonly Row[]): Row[] =>
  axes.reduce<Row[]>((rows, axis) => rows.flatMap((row) => axis.map((value) => [...row, value])), [[]]);
const steps = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

const bceRows = grid([...steps(-100, 100, 41), ...steps(-3, 3, 25)], [0, 1, 0.5, 0.25, 0.9]);
const klRows = grid([0, 1, -2, 0.001], [...steps(-20, 20, 41), ...steps(-0.4, 0.4, 21), 1e-3, -1e-5]);
const nllRows = grid(steps(-3, 3, 7), steps(-8, 8, 17), [-2, 0, 0.7, 3]);
const sensitivity = (mean: number, v: number, x: number) => (x - mean) ** 2 * Math.exp(-v);

const cases: readonly Case[] = [
  {
    shader: "loss/bce_with_logits.wgsl",
    call: "bce_with_logits",
    rows: bceRows,
    // |l| (1 − x) or |l| x, and ln(1 + e^−|l|): softplus(l) − l x without its cancellation.
    reference: (l, x) => Math.abs(l) * (l < 0 ? x : 1 - x) + Math.log1p(Math.exp(-Math.abs(l))),
    relative: 3e-7,
    absolute: 2 ** -126,
  },
  {
    shader: "loss/bce_with_logits.wgsl",
    call: "bce_with_logits_gradient",
    rows: bceRows,
    reference: (l, x) => (x === 1 ? -sigmoid(-l) : sigmoid(l) - x),
    relative: 3e-7,
    absolute: 6e-8, // the gradient is 0 where sigmoid(l) = x
  },
  {
    shader: "loss/squared_error.wgsl",
    call: "squared_error",
    rows: grid(steps(-3, 3, 13), steps(-2, 2, 9)),
    reference: (y, x) => (y - x) ** 2,
    relative: 2e-7,
    absolute: 0,
  },
  {
    shader: "loss/gaussian_nll.wgsl",
    call: "gaussian_nll",
    rows: nllRows,
    reference: (mean, v, x) => 0.5 * (Math.log(2 * Math.PI) + v + sensitivity(mean, v, x)),
    relative: 5e-7,
    absolute: 2e-6, // the terms have different signs
  },
  {
    shader: "loss/kl_standard_normal.wgsl",
    call: "kl_standard_normal",
    rows: klRows,
    reference: (mean, v) => 0.5 * (mean * mean + expResidual(v)),
    relative: 8e-7,
    absolute: 0,
  },
];

/** The function at every row: the first of four through the scalar form, the others through that for vec4f. */
async function evaluate(device: GPUDevice, shader: string, call: string, rows: readonly Row[]): Promise<Float32Array> {
  const length = Math.ceil(rows.length / 4) * 4;
  const columns = rows[0].map((_, k) => Float32Array.from({ length }, (_, i) => rows[i]?.[k] ?? 0));
  const names = columns.map((_, k) => "abc"[k]);
  const expression = `vec4f(${call}(${names.map((n) => `${n}.x`)}), ${call}4(${names}).yzw)`;
  // A gradient need not read every argument, but every binding has to be used.
  const used = `${expression} + 0.0 * (${names.join(" + ")})`;
  const wgsl = mapShader([shader], names.length, [used]);
  const results = await runShader(device, wgsl, [...columns, new Float32Array(length)], Math.ceil(length / 256));
  return results.at(-1)!.subarray(0, rows.length) as Float32Array;
}

for (const driver of drivers) {
  test.describe(`shaders/loss on ${driver ?? "the default adapter"}`, () => {
    for (const { shader, call, rows, reference, relative, absolute } of cases) {
      test(`${call} matches float64`, async () => {
        const device = await dawnDevice(driver);
        test.skip(device === undefined, "no Dawn adapter");
        const exactInputs = rows.map((row) => row.map(Math.fround));
        const y = await evaluate(device!, shader, call, exactInputs);
        const wrong = exactInputs.flatMap((row, i) => {
          const exact = reference(...row);
          const near = Math.abs(y[i] - exact) <= relative * Math.abs(exact) + absolute;
          return near ? [] : [`${call}(${row}) = ${y[i]}, should be ${exact}`];
        });
        expect(wrong).toEqual([]);
      });
    }

    test("binary cross-entropy and its gradient are right at the extremes of the logits", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      // logit, target, loss, gradient
      const exact: Row[] = [
        [0, 0.5, Math.LN2, 0],
        [2.5, 1, 0.07888973429254963, -0.07585818002124345],
        [-2.5, 1, 2.5788897342925496, -0.9241418199787564],
        [40, 0, 40, 1],
        [40, 1, 4.248354255291589e-18, -4.248354255291589e-18],
        [-40, 0, 4.248354255291589e-18, 4.248354255291589e-18],
        [88.5, 1, 3.672301681915042e-39, 0],
        [-100, 1, 100, -1],
      ];
      const loss = await evaluate(
        device!,
        "loss/bce_with_logits.wgsl",
        "bce_with_logits",
        exact.map((row) => row.slice(0, 2)),
      );
      const gradient = await evaluate(
        device!,
        "loss/bce_with_logits.wgsl",
        "bce_with_logits_gradient",
        exact.map((row) => row.slice(0, 2)),
      );
      for (const [i, [l, x, expectedLoss, expectedGradient]] of exact.entries()) {
        expect
          .soft(Math.abs(loss[i] - expectedLoss), `loss(${l}, ${x})`)
          .toBeLessThanOrEqual(3e-7 * expectedLoss + 2 ** -126);
        expect
          .soft(Math.abs(gradient[i] - expectedGradient), `gradient(${l}, ${x})`)
          .toBeLessThanOrEqual(3e-7 * Math.abs(expectedGradient) + 2 ** -126);
      }
    });

    test("the KL divergence of a diagonal Gaussian is the known one", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const rows = [
        [0.5, -1],
        [-0.25, 0.7],
        [0, -4],
        [1, 0],
        [-2, 0],
        [0, 0],
      ];
      const kl = await evaluate(device!, "loss/kl_standard_normal.wgsl", "kl_standard_normal", rows);
      expect(kl[0] + kl[1] + kl[2]).toBeCloseTo(2.0062238937653265, 6);
      expect(kl[3] + kl[4]).toBe(2.5);
      expect(kl[5]).toBe(0);
    });
  });
}
