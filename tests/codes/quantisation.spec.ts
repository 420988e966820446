import { expect, test } from "@playwright/test";
import { dequantisedCodes, quantisedCodes } from "../../src/codes/quantisation.ts";

test("codes that lie on the steps come back exactly, and a column's ends are its first and last step", () => {
  const codes = Float32Array.from({ length: 256 }, (_, k) => k / 4 - 8);
  const quantised = quantisedCodes(codes, { rows: 256, bits: 8 });
  expect([...quantised.steps]).toEqual(Array.from({ length: 256 }, (_, k) => k));
  expect([quantised.low[0], quantised.high[0]]).toEqual([-8, 55.75]);
  expect(dequantisedCodes(quantised)).toEqual(codes);
});

for (const bits of [8, 16] as const) {
  test(`${bits} bits a number: no code is off by more than half a step of its column`, () => {
    const [rows, latent] = [500, 3];
    const codes = Float32Array.from({ length: rows * latent }, (_, k) => Math.sin(k * k) * 10 ** (k % latent));
    const quantised = quantisedCodes(codes, { rows, bits });
    expect(quantised.steps).toBeInstanceOf(bits === 8 ? Uint8Array : Uint16Array);
    const back = dequantisedCodes(quantised);
    let worst = 0;
    for (let k = 0; k < codes.length; k++) {
      const column = k % latent;
      const step = (quantised.high[column] - quantised.low[column]) / (2 ** bits - 1);
      worst = Math.max(worst, Math.abs(back[k] - codes[k]) / step);
    }
    // Beside half a step there is the rounding of f32.
    expect(worst).toBeLessThanOrEqual(0.5 + 2 ** (bits - 22));
    expect(worst).toBeGreaterThan(0.49);
  });
}

test("a column that is the same in all rows comes back as it was", () => {
  const codes = Float32Array.of(0.1, 5, 0.1, 6);
  expect(dequantisedCodes(quantisedCodes(codes, { rows: 2, bits: 8 }))).toEqual(codes);
});

test("codes that are not finite, and other numbers of bits, are refused", () => {
  expect(() => quantisedCodes([1, Number.NaN], { rows: 2, bits: 8 })).toThrow("quantisedCodes: row 1 has NaN");
  expect(() => quantisedCodes([1], { rows: 1, bits: 9 as 8 })).toThrow("quantisedCodes: bits must be one of 8, 16");
});
