import { expect, test } from "@playwright/test";
import { convDenoisingAe, denoisingAe, stackedDenoisingAe } from "../../src/models/index.ts";

const input = [4, 4, 1];

for (const [name, make] of Object.entries({
  "denoising-ae": denoisingAe,
  "conv-denoising-ae": convDenoisingAe,
  "stacked-denoising-ae": stackedDenoisingAe,
})) {
  test(`${name}: a share of the numbers is below 1, and a standard deviation may be above it`, () => {
    for (const noise of ["masking", "saltAndPepper"] as const) {
      for (const amount of [1, 3]) {
        expect(() => make({ input, noise, amount })).toThrow(
          `${name}: amount must be a number of at least 0 and below 1 with the noise ${noise}, but it is ${amount}.`,
        );
      }
      make({ input, noise, amount: 0.99 });
    }
    for (const noise of ["gaussian", "clipped"] as const) make({ input, noise, amount: 1.5 });
  });
}
