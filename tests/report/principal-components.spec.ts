import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { ReparamError } from "../../src/errors.ts";
import { principalComponents2 } from "../../src/report/principal-components.ts";

test("four points on a cross are projected exactly onto its arms, the longer one first", () => {
  // Arms (0.6, 0, 0.8) of half-length 5 and (0, 1, 0) of half-length 2, around (1, 2, 3).
  const codes = Float32Array.of(4, 2, 7, -2, 2, -1, 1, 4, 3, 1, 0, 3);
  const { points, explained } = principalComponents2(codes, 4, 3);
  [5, 0, -5, 0, 0, 2, 0, -2].forEach((value, i) => {
    expect(points[i]).toBeCloseTo(value, 6);
  });
  expect(explained[0]).toBeCloseTo(25 / 29, 12);
  expect(explained[1]).toBeCloseTo(4 / 29, 12);
});

/** Row k of an orthonormal basis of cosines, which have the mean 0 for k from 1 on (the discrete cosine transform). */
const cosine = (length: number, k: number) =>
  Float64Array.from({ length }, (_, i) => Math.sqrt(2 / length) * Math.cos((Math.PI * (i + 0.5) * k) / length));

/** Codes with exactly these standard deviations along exactly these components, around 3, up to f32 rounding. */
function codesWith(deviations: readonly number[], count: number, dimensions: number) {
  const scores = deviations.map((_, k) => cosine(count, k + 1));
  const components = deviations.map((_, k) => cosine(dimensions, k + 1));
  const codes = Float32Array.from({ length: count * dimensions }, (_, at) => {
    const [i, j] = [Math.floor(at / dimensions), at % dimensions];
    return deviations.reduce((sum, deviation, k) => sum + deviation * scores[k][i] * components[k][j], 3);
  });
  return { codes, scores, components };
}

for (const { name, deviations, count, dimensions } of [
  { name: "far apart", deviations: [9, 4, 1], count: 50, dimensions: 6 },
  {
    name: "of close eigenvalues",
    deviations: [1, 0.999, 0.998, 0.997, 0.996, 0.995, 0.99],
    count: 300,
    dimensions: 20,
  },
  {
    name: "of a slowly falling spectrum of 60",
    deviations: Array.from({ length: 60 }, (_, k) => 0.99 ** k),
    count: 400,
    dimensions: 100,
  },
  { name: "of wide codes", deviations: [1, 0.9, 0.8, 0.7, 0.01], count: 100, dimensions: 3000 },
  { name: "of more dimensions than points", deviations: [2, 1, 0.5], count: 5, dimensions: 40 },
  { name: "of very unequal size", deviations: [1000, 1, 0.5], count: 60, dimensions: 12 },
]) {
  test(`components ${name} are the exact ones`, () => {
    const { codes, scores } = codesWith(deviations, count, dimensions);
    const { points, explained } = principalComponents2(codes, count, dimensions);
    const total = deviations.reduce((sum, deviation) => sum + deviation ** 2, 0);
    for (const axis of [0, 1]) {
      expect(explained[axis]).toBeCloseTo(deviations[axis] ** 2 / total, 6);
      // Equal up to the sign, which is that of the component's largest entry.
      const along = scores[axis].reduce((sum, score, i) => sum + score * points[2 * i + axis], 0) / deviations[axis];
      expect(Math.abs(along)).toBeGreaterThan(1 - 1e-5);
      expect(Math.abs(along)).toBeLessThan(1 + 1e-5);
    }
  });
}

test("of equal eigenvalues, any two orthogonal directions of their space are taken", () => {
  const { codes } = codesWith([1, 1, 1, 1, 0.5], 40, 30);
  const { explained } = principalComponents2(codes, 40, 30);
  for (const share of explained) expect(share).toBeCloseTo(1 / 4.25, 6);
});

test("mirrored codes get components of the same sign, so the picture is mirrored too", () => {
  const codes = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i * i) * (1 + (i % 3)));
  const { points } = principalComponents2(codes, 20, 3);
  const mirrored = principalComponents2(
    codes.map((value) => -value),
    20,
    3,
  );
  points.forEach((value, i) => {
    expect(mirrored.points[i]).toBeCloseTo(-value, 5);
  });
});

test("the two coordinates are uncorrelated and carry the variances that are reported", () => {
  const sizes = fc.tuple(fc.integer({ min: 3, max: 40 }), fc.integer({ min: 2, max: 12 }), fc.integer());
  fc.assert(
    fc.property(sizes, ([count, dimensions, seed]) => {
      const codes = Float32Array.from({ length: count * dimensions }, (_, i) => Math.sin(seed + i * i * 0.7));
      const { points, explained } = principalComponents2(codes, count, dimensions);
      let [total, first, second, both] = [0, 0, 0, 0];
      for (let j = 0; j < dimensions; j++) {
        let mean = 0;
        for (let i = 0; i < count; i++) mean += codes[i * dimensions + j]! / count;
        for (let i = 0; i < count; i++) total += (codes[i * dimensions + j]! - mean) ** 2;
      }
      for (let i = 0; i < count; i++) {
        first += points[2 * i]! ** 2;
        second += points[2 * i + 1]! ** 2;
        both += points[2 * i]! * points[2 * i + 1]!;
      }
      const close = (a: number, b: number) => Math.abs(a - b) < 1e-5;
      const reported = close(first / total, explained[0]) && close(second / total, explained[1]);
      return reported && close(both / total, 0) && explained[0] >= explained[1];
    }),
  );
});

test("one dimension gives a second coordinate of 0, and equal codes give the origin", () => {
  expect([...principalComponents2(Float32Array.of(1, 3), 2, 1).points]).toEqual([-1, 0, 1, 0]);
  const equal = principalComponents2(Float32Array.of(1, 2, 1, 2, 1, 2), 3, 2);
  expect(Array.from(equal.points, Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(equal.explained).toEqual([0, 0]);
  expect(principalComponents2(new Float32Array(0), 0, 5).points.length).toBe(0);
  const tenths = principalComponents2(new Float32Array(7 * 300).fill(0.1), 7, 300);
  expect(tenths.points.every((value) => value === 0)).toBe(true);
  expect(tenths.explained).toEqual([0, 0]);
});

test("a code that is not finite becomes NaN and does not disturb the others", () => {
  const codes = Float32Array.of(0, 1, 2, 3, 5, 4);
  const { points } = principalComponents2(Float32Array.of(...codes, Number.NaN, 1), 4, 2);
  expect([...points.subarray(0, 6)]).toEqual([...principalComponents2(codes, 3, 2).points]);
  expect(points[6]).toBeNaN();
});

test("codes of another size than stated are refused", () => {
  expect(() => principalComponents2(new Float32Array(7), 2, 3)).toThrow(ReparamError);
});
