import { expect, test } from "@playwright/test";
import { packedBits, unpackedBits } from "../../src/codes/bits.ts";
import { principalBits } from "../../src/codes/principal-bits.ts";
import { covariance, eigen, wavyVectors } from "../support/exact-data.ts";

test("bits are packed as NumPy's packbits has them, and come back", () => {
  // np.packbits([[1,0,0,0,0,0,1,1,1,0], [0,1,1,0,0,0,0,0,0,1]], axis=1)
  const codes = [0.9, 0.1, 0, 0.2, 0.5, 0.4, 0.51, 1, 0.99, 0, 0, 1, 0.7, 0.3, 0, 0, 0, 0, 0.1, 0.8];
  const packed = packedBits(codes, { rows: 2 });
  expect([...packed]).toEqual([131, 128, 96, 64]);
  expect([...unpackedBits(packed, { rows: 2, latent: 10 })]).toEqual(codes.map((value) => Number(value > 0.5)));
});

test("what are no codes, or no bits, is refused", () => {
  expect(() => packedBits([1, 0, 1], { rows: 2 })).toThrow(
    "packedBits: codes: 3 numbers are not 2 rows of equal length.",
  );
  expect(() => packedBits([1, Number.NaN], { rows: 2 })).toThrow("packedBits: codes: row 1 has NaN");
  expect(() => unpackedBits(new Uint8Array(3), { rows: 2, latent: 9 })).toThrow(
    "unpackedBits: 3 bytes are not 2 codes of 9 bits.",
  );
});

test("bits of principal components are the sides that examples lie on, along each of them", () => {
  const [rows, features] = [240, 16];
  const { train } = wavyVectors(rows, features);
  const x = train.values.x as Float32Array;
  const packed = principalBits(x, { rows, bits: 6 });
  const bits = unpackedBits(packed, { rows, latent: 6 });
  eigen(covariance(x, features))
    .vectors.slice(0, 4)
    .forEach((component, k) => {
      const along = Array.from({ length: rows }, (_, row) =>
        component.reduce((sum, value, j) => sum + value * x[row * features + j], 0),
      );
      const same = along.filter((value, row) => Number(value > 0) === bits[row * 6 + k]).length / rows;
      // The sign of a component is a convention.
      expect(Math.max(same, 1 - same)).toBeGreaterThan(0.99);
    });
  expect(
    principalBits(
      x.map((value) => 4 * value + 1),
      { rows, bits: 4 },
    ),
  ).toEqual(principalBits(x, { rows, bits: 4 }));
});
