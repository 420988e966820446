import type { Pass } from "../nn/pass.ts";
import { largestValue, type ScheduleDescription } from "../nn/schedules.ts";
import type { Node } from "../node/node.ts";
import { add, clamp, greater, mul, sub } from "../ops/arithmetic.ts";
import { schedule } from "../ops/leaf.ts";
import { normal, uniform } from "../ops/noise.ts";
import { fraction, refusal } from "../schema/constraints.ts";
import { choice, weight } from "./options.ts";

/** A way to spoil x by so much, with noise of its own. */
interface Corruption {
  /** Whether the amount is a share of the numbers, or a standard deviation. */
  readonly share: boolean;
  /** amount: [] */
  apply(x: Node, amount: Node, pass: Pass): Node;
}

/** 1 with probability p, else 0. */
const chosen = (x: Node, p: Node | number, name: string) => greater(p, uniform(name, x.shape));

/**
 * How a denoiser's input is spoilt. `gaussian`: normal noise of standard deviation `amount`; `clipped`: the same, kept
 * within 0..1; `masking`: so large a share of the numbers becomes 0; `saltAndPepper`: becomes 0 or 1, half of it each.
 */
const corruptions = {
  gaussian: {
    share: false,
    apply: (x, amount, pass) => add(x, mul(amount, normal(pass.noise("corruption"), x.shape))),
  },
  clipped: {
    share: false,
    apply: (x, amount, pass) => clamp(add(x, mul(amount, normal(pass.noise("corruption"), x.shape))), 0, 1),
  },
  masking: {
    share: true,
    apply: (x, amount, pass) => mul(x, sub(1, chosen(x, amount, pass.noise("corruption")))),
  },
  saltAndPepper: {
    share: true,
    apply: (x, amount, pass) => {
      const spoilt = chosen(x, amount, pass.noise("corruption"));
      const salt = chosen(x, 0.5, pass.noise("salt"));
      return add(mul(x, sub(1, spoilt)), mul(spoilt, salt));
    },
  },
} as const satisfies Record<string, Corruption>;

type CorruptionName = keyof typeof corruptions;

/** The options of a denoiser, with its own defaults. */
export const corruptionOptions = (defaults: { readonly noise: CorruptionName; readonly amount: number }) => ({
  noise: choice(
    corruptions,
    defaults.noise,
    "how inputs are spoilt: gaussian, clipped (to 0..1), masking, saltAndPepper",
  ),
  amount: { ...weight(defaults.amount, "how much: a standard deviation, or a share of the numbers"), upTo: 1 },
});

/** What spoils x, by the schedule `amount`. */
export interface Corrupt {
  readonly schedules: Readonly<Record<string, ScheduleDescription>>;
  /** [rows, ...] → [rows, ...] */
  apply(x: Node, pass: Pass): Node;
}

/** Throws ReparamError "config" for an amount that is no share where it has to be. */
export function corruption(family: string, noise: CorruptionName, amount: ScheduleDescription): Corrupt {
  const { share, apply } = corruptions[noise];
  if (share && largestValue(amount) >= 1) {
    throw refusal(family, "amount", `${fraction().phrase} with the noise ${noise}`, amount);
  }
  return { schedules: { amount }, apply: (x, pass) => apply(x, schedule("amount"), pass) };
}
