import { expect, test } from "@playwright/test";
import { bestBound, TOY } from "../support/ppca-toy.ts";

for (const posterior of ["logVariance", "logSigma", "softplus"] as const) {
  test(`a posterior with a diagonal covariance (${posterior}) stays .6576 nats below ln p(x)`, async () => {
    const bound = await bestBound({ posterior, divergence: "analytic" });
    expect(Math.abs(bound - TOY.bestDiagonal)).toBeLessThan(0.08);
  });
}

test("a posterior with a full covariance closes the gap: its bound is ln p(x)", async () => {
  const analytic = await bestBound({ posterior: "full", divergence: "analytic" });
  expect(Math.abs(analytic - TOY.logEvidence)).toBeLessThan(0.08);
  // By the codes that are drawn the bound has no variance where the posterior is the exact one.
  const drawn = await bestBound({ posterior: "full", divergence: "monteCarlo" });
  expect(Math.abs(drawn - TOY.logEvidence)).toBeLessThan(0.005);
});
