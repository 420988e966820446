import { expect } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { driverAdapters, test } from "../support/adapters.ts";
import { largestError } from "../support/numbers.ts";

// Exact answers, computed in float64 by an independent program.

/** Logit, target, loss, slope. */
const bce = [
  [0, 0.5, Math.LN2, 0],
  [2.5, 1, 0.07888973429254963, -0.07585818002124345],
  [-2.5, 1, 2.5788897342925496, -0.9241418199787564],
  [40, 0, 40, 1],
  [-40, 0, 4.248354255291589e-18, 4.248354255291589e-18],
  [88.5, 1, 3.672301681915042e-39, 0],
  [-100, 1, 100, -1],
];
const kl = [
  { mean: [0, 0], logVariance: [0, 0], kl: 0 },
  { mean: [1, -2], logVariance: [0, 0], kl: 2.5 },
  { mean: [0.5, -0.25, 0], logVariance: [-1, 0.7, -4], kl: 2.0062238937653265 },
];
/** Wanted mean activation, found one, KL, slope. */
const sparsity = [
  [0.05, 0.05, 0, 0],
  [0.05, 0.2, 0.09394302602433154, 0.9374999999999998],
  [0.05, 0.01, 0.041291085014358346, -4.040404040404041],
];
const contractive = {
  feeds: { W: [0.5, -1, 0.25, 1.5, 0.3, -0.7], b: [0.1, -0.2], x: [0.2, 0.9, 0.4] },
  penalty: [0.24485952069307693],
  dW: [
    0.06034740315514536, -0.06866117223048819, 0.04218146328829634, 0.1835736681722041, 0.023089118937486934,
    -0.09348395590342072,
  ],
  db: [0.04002587236907887, -0.015843738019713813],
};

/** Everything above as one graph, with what it should give. */
function everything(): {
  outputs: Record<string, Node>;
  feeds: Record<string, readonly number[]>;
  want: Record<string, readonly number[]>;
} {
  const column = (rows: readonly (readonly number[])[], k: number) => rows.map((row) => row[k]);
  const [logits, target] = [ops.parameter("logits", [bce.length]), ops.input("target", [bce.length])];
  const loss = ops.bceWithLogits(logits, target);
  const found = ops.parameter("found", [sparsity.length]);
  const wanted = ops.input("wanted", [sparsity.length]);
  const sparse = ops.add(
    ops.mul(wanted, ops.log(ops.div(wanted, found))),
    ops.mul(ops.sub(1, wanted), ops.log(ops.div(ops.sub(1, wanted), ops.sub(1, found)))),
  );
  const kls = kl.map(({ mean, logVariance }, k) =>
    ops.sum(
      ops.klStandardNormal(ops.input(`mean ${k}`, [mean.length]), ops.input(`variance ${k}`, [logVariance.length])),
    ),
  );

  // ‖∂h/∂x‖² of a sigmoid layer: the Jacobian by differentiating once, its gradient by differentiating again.
  const [W, b, x] = [ops.parameter("W", [2, 3]), ops.parameter("b", [2]), ops.parameter("x", [1, 3])];
  const h = ops.sigmoid(ops.add(ops.matmul(x, W, { transposeB: true }), b));
  const rows = [0, 1].map((unit) => gradients(ops.sum(ops.sliceAxis(h, 1, unit, unit + 1)), [x])[0]);
  const penalty = ops.sum(ops.square(ops.concat(rows, 0)));
  const [dW, db] = gradients(penalty, [W, b]);

  return {
    outputs: {
      bce: loss,
      "bce slope": gradients(ops.sum(loss), [logits])[0],
      sparse,
      "sparse slope": gradients(ops.sum(sparse), [found])[0],
      kl: ops.concat(
        kls.map((value) => ops.reshape(value, [1])),
        0,
      ),
      penalty,
      dW,
      db,
    },
    feeds: {
      logits: column(bce, 0),
      target: column(bce, 1),
      wanted: column(sparsity, 0),
      found: column(sparsity, 1),
      ...contractive.feeds,
      ...Object.fromEntries(
        kl.flatMap(({ mean, logVariance }, k) => [
          [`mean ${k}`, mean],
          [`variance ${k}`, logVariance],
        ]),
      ),
    },
    want: {
      bce: column(bce, 2),
      "bce slope": column(bce, 3),
      sparse: column(sparsity, 2),
      "sparse slope": column(sparsity, 3),
      kl: kl.map(({ kl }) => kl),
      penalty: contractive.penalty,
      dW: contractive.dW,
      db: contractive.db,
    },
  };
}

/** Relative error, of numbers below 1e-30 absolute: adapters may take subnormal numbers for 0. */
const errors = (got: ArrayLike<number>, want: readonly number[]): number[] =>
  want.map((value, i) => Math.abs(got[i] - value) / Math.max(Math.abs(value), 1e-30));

test("the interpreter gives the exact losses and slopes", () => {
  const { outputs, feeds, want } = everything();
  const got = interpret(collect(outputs), { feeds });
  for (const name of Object.keys(want)) expect(largestError(got[name], want[name]), name).toBeLessThan(1e-12);
});

for (const name of driverAdapters) {
  test(`the exact losses and slopes, up to |logit| = 100: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const { outputs, feeds, want } = everything();
    const got = await run(collect(outputs), { feeds });
    for (const name of ["kl", "penalty", "dW", "db"])
      expect(Math.max(...errors(got[name], want[name])), name).toBeLessThan(2e-6);
    expect(Math.max(...errors(got.bce, want.bce))).toBeLessThan(1e-6);
    // At l = 88.5 the slope is σ(l) − 1 = −3.7e-39 in float64 and 0 in f32.
    expect(largestError(got["bce slope"], want["bce slope"])).toBeLessThan(1e-7);
    expect(Math.abs(got["bce slope"][4] / 4.248354255291589e-18 - 1)).toBeLessThan(1e-6);
    // ρ ln(ρ/ρ̂) and its fellow cancel near ρ̂ = ρ, so the loss is accurate absolutely.
    expect(largestError(got.sparse, want.sparse)).toBeLessThan(2e-7);
    expect(largestError(got["sparse slope"], want["sparse slope"])).toBeLessThan(4e-6);
  });
}
