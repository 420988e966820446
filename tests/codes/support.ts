import { expect } from "@playwright/test";

/** Equal as f32 numbers are. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, error = 1e-6): void {
  expect(actual.length).toBe(expected.length);
  for (let k = 0; k < expected.length; k++) {
    expect(Math.abs(actual[k] - expected[k]), `number ${k}`).toBeLessThanOrEqual(
      error * Math.max(1, Math.abs(expected[k])),
    );
  }
}

/** Mean and covariance of rows [rows, columns]. */
export function momentsOf(values: ArrayLike<number>, columns: number) {
  const rows = values.length / columns;
  const mean = new Array<number>(columns).fill(0);
  for (let at = 0; at < values.length; at++) mean[at % columns] += values[at] / rows;
  const covariance = mean.map(() => new Array<number>(columns).fill(0));
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        covariance[i][j] += ((values[row * columns + i] - mean[i]) * (values[row * columns + j] - mean[j])) / rows;
      }
    }
  }
  return { mean, covariance };
}
