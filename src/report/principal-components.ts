import { ReparamError } from "../errors.ts";
import { leadingComponents } from "../metrics/leading-components.ts";

export interface Projection {
  /** `[count, 2]`: codes less their mean, along the first and second principal component. */
  readonly points: Float32Array;
  /** The share of the total variance along each of the two, 0..1. */
  readonly explained: readonly [number, number];
}

/**
 * Projects codes `[count, dimensions]` onto their first two principal components, in float64. The sign of a component is
 * such that its entry of largest magnitude (the first of equal ones) is positive, so the same codes give the same picture.
 * Codes with a value that is not finite do not count and become NaN. With one dimension the second coordinate is 0.
 * Throws `usage` when `codes` is not `[count, dimensions]`.
 */
export function principalComponents2(codes: Float32Array, count: number, dimensions: number): Projection {
  if (dimensions < 1 || codes.length !== count * dimensions) {
    const what = `${codes.length} values are not ${count} codes of ${dimensions} dimensions`;
    throw new ReparamError("usage", `Principal components cannot be computed: ${what}.`);
  }
  const { rows, kept } = centred(codes, count, dimensions);
  const components = leadingComponents(rows, { count: kept.length, components: 2 });
  let total = 0;
  for (const value of rows) total += value * value;
  const points = new Float32Array(2 * count).fill(Number.NaN);
  const explained: [number, number] = [0, 0];
  kept.forEach((code, i) => {
    for (const axis of [0, 1]) {
      const component = components[axis];
      let along = 0;
      if (component) for (let j = 0; j < dimensions; j++) along += rows[i * dimensions + j] * component[j];
      points[2 * code + axis] = along;
      if (total > 0) explained[axis] = Math.min(1, explained[axis] + (along * along) / total);
    }
  });
  return { points, explained };
}

/** The codes that are finite, less their mean, `[kept, dimensions]`, and which they are. */
function centred(codes: Float32Array, count: number, dimensions: number): { rows: Float64Array; kept: number[] } {
  const kept: number[] = [];
  for (let i = 0; i < count; i++) {
    if (codes.subarray(i * dimensions, (i + 1) * dimensions).every(Number.isFinite)) kept.push(i);
  }
  const rows = new Float64Array(kept.length * dimensions);
  kept.forEach((code, i) => {
    rows.set(codes.subarray(code * dimensions, (code + 1) * dimensions), i * dimensions);
  });
  for (let j = 0; j < dimensions; j++) {
    // Divided once, at the end: a sum of equal f32 numbers is exact, so that codes which do not vary become 0.
    let sum = 0;
    for (let at = j; at < rows.length; at += dimensions) sum += rows[at];
    for (let at = j; at < rows.length; at += dimensions) rows[at] -= sum / kept.length;
  }
  return { rows, kept };
}
