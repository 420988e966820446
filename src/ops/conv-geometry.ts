import { ReparamError } from "../errors.ts";
import type { Pair } from "../node/images.ts";

export type { Pair } from "../node/images.ts";

/** Zeros around an image: rows above and below, columns left and right of it. */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Zeros around an image by number, or by a rule:
 * `valid` has none; `same` is TensorFlow's: output extent ⌈input / stride⌉, and where the zeros are odd in number the
 * extra one is at the bottom and right; `same-symmetric` is what PyTorch's models write as `padding = k // 2`.
 */
export type PaddingRule = Padding | "valid" | "same" | "same-symmetric";

/** How a kernel is laid over an image. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
}

/** One number for both directions, or one each. */
export type PairOption = number | Pair;

export const pairOf = (option: PairOption): Pair => (typeof option === "number" ? [option, option] : option);

/** From the first to the last input that one output sees, both counted. */
export const reach = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** Outputs along one direction; may be below 1, where the kernel does not fit. */
export const outputExtent = (input: number, zeros: number, kernel: number, stride: number, dilation: number): number =>
  Math.floor((input + zeros - reach(kernel, dilation)) / stride) + 1;

/** The numbers that a rule stands for, for an image of `[height, width]`. */
export function resolvePadding(rule: PaddingRule, image: Pair, { kernel, stride, dilation }: Window): Padding {
  if (typeof rule === "object") return rule;
  const [[top, bottom], [left, right]] = [0, 1].map((axis) => {
    const span = reach(kernel[axis], dilation[axis]);
    switch (rule) {
      case "valid":
        return [0, 0];
      case "same": {
        const total = Math.max(0, (Math.ceil(image[axis] / stride[axis]) - 1) * stride[axis] + span - image[axis]);
        return [Math.floor(total / 2), Math.ceil(total / 2)];
      }
      case "same-symmetric":
        return [Math.floor(span / 2), Math.floor(span / 2)];
      default:
        throw new ReparamError(
          "config",
          `Padding is numbers, "valid", "same" or "same-symmetric", not ${JSON.stringify(rule)}.`,
        );
    }
  });
  return { top, bottom, left, right };
}

/** Throws ReparamError "config" where an attribute of an op is not `length` whole numbers of at least `least`. */
export function checkWholeNumbers(op: string, key: string, value: unknown, length: number, least: number): void {
  const whole =
    Array.isArray(value) && value.length === length && value.every((n) => Number.isSafeInteger(n) && n >= least);
  if (!whole) {
    throw new ReparamError(
      "config",
      `${op}: ${key} is ${JSON.stringify(value)}, and has to be ${length} whole numbers of at least ${least}.`,
    );
  }
}
