/** One axis of a plot: its range, and where it is marked with what. */
export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

/** Values beyond this are drawn at its edge: the differences of an axis must not overflow. */
const LARGEST = 1e300;

/**
 * An axis around finite values with about `target` ticks at multiples of 1, 2 or 5 times a power of ten.
 * The range of the values is widened to whole steps, or by a little room at both ends.
 * Where all values are integers (epochs), so are the ticks.
 */
export function niceAxis(values: Iterable<number>, target: number, ends: "whole steps" | "room"): Axis {
  let [low, high, integers] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (const value of values) {
    const clamped = Math.max(-LARGEST, Math.min(LARGEST, value));
    low = Math.min(low, clamped);
    high = Math.max(high, clamped);
    integers &&= Number.isInteger(value);
  }
  if (low > high) [low, high] = [0, 1];
  // Neighbouring ticks must differ in a double's 15 digits, and be no subnormal numbers.
  const resolution = Math.max(Math.max(Math.abs(low), Math.abs(high)) * 1e-9, 1e-290);
  if (high - low < resolution) {
    const room = integers ? 1 : Math.max(Math.abs(low) * 0.1, 1e-9);
    [low, high] = [low - Math.max(room, resolution), high + Math.max(room, resolution)];
  }
  const rough = (high - low) / target;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * (1 - 1e-9))!;
  if (integers) step = Math.max(1, step);

  const whole = ends === "whole steps";
  const [first, last] = whole
    ? [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)]
    : [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value, text: formatTick(value, step) };
  });
  if (whole) return { min: first * step, max: last * step, ticks };
  const room = (high - low) * 0.025;
  return { min: low - room, max: high + room, ticks };
}

/** A tick's text, with as many digits as neighbours a `step` apart need to differ. */
function formatTick(value: number, step: number): string {
  const digits = (unit: number) => Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
  const size = Math.abs(value);
  if (size < step / 2) return "0";
  if (size >= 1e6 || step < 1e-5) {
    const exponent = Math.floor(Math.log10(size) + 1e-12);
    return minus(value.toExponential(Math.min(15, digits(10 ** exponent))).replace("+", ""));
  }
  return minus(value.toFixed(digits(1)));
}

/** The typographic minus, as wide as a plus. */
export const minus = (text: string): string => text.replaceAll("-", "−");

/** Where a value lies on an axis, 0 at its start and 1 at its end. */
export function position(axis: Axis, value: number): number {
  const clamped = Math.max(-LARGEST, Math.min(LARGEST, value));
  return (clamped - axis.min) / (axis.max - axis.min);
}
