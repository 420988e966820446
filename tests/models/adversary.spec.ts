import { expect, test } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { discriminatorTerms, generatorLoss } from "../../src/models/adversary.ts";
import { gradientPenalties } from "../../src/models/gradient-penalty.ts";
import { gan } from "../../src/models/index.ts";
import type { Node } from "../../src/node/node.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { constant, input, parameter } from "../../src/ops/leaf.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { mean } from "../../src/ops/reduce.ts";
import { reshape } from "../../src/ops/shape.ts";
import { usePass } from "../../src/train/batch.ts";
import { expectSameStep } from "../support/float64-step.ts";
import { long, onlyLong } from "../support/long.ts";
import { onBoth } from "../support/on-both.ts";
import { patterns, relativeError, sharedDevice } from "../support/training.ts";

test("the losses of the game and their gradients are those of the formulas, for given logits", async () => {
  const [real, fake] = [input("real", [3]), input("fake", [3])];
  const discriminator = mean(discriminatorTerms(real, fake).loss);
  const generator = mean(generatorLoss(fake));
  const [byReal, byFake] = gradients(discriminator, [real, fake]);
  const [byOwn] = gradients(generator, [fake]);
  const exact = await onBoth(
    { discriminator, generator, byReal, byFake, byOwn },
    { real: [1.2, -0.3, 0.5], fake: [-0.8, 0.1, 0.4] },
  );
  expect(exact.discriminator[0]).toBeCloseTo(1.2067424248026555, 12);
  expect(exact.generator[0]).toBeCloseTo(0.7761708594737672, 12);
  const near = (actual: Float64Array, expected: number[]) =>
    expect(relativeError(actual, expected)).toBeLessThan(1e-12);
  near(exact.byReal, [-0.07715840550032746, -0.19148083893721968, -0.1258468895993818]);
  near(exact.byFake, [0.10334183962412918, 0.17499306249298, 0.19956255337081732]);
  near(exact.byOwn, [-0.22999149370920416, -0.15834027084035332, -0.133770779962516]);
});

const weights = [0.5, -1.5, 2];

/** A discriminator w · x + b of three numbers, and the gradient of a penalty on it by w and b. */
function linear(penalty: keyof typeof gradientPenalties) {
  const w = parameter("w", [3, 1]);
  const b = parameter("b", [1]);
  const judge = (x: Node) => reshape(add(matmul(x, w), b), [4]);
  const [real, drawn] = [input("real", [4, 3]), input("drawn", [4, 3])];
  const each = gradientPenalties[penalty]({ judge, real, drawn, pass: usePass(4) });
  const [byW, byB] = gradients(mean(each), [w, b]);
  const feeds = {
    real: Array.from({ length: 12 }, (_, k) => Math.sin(k)),
    drawn: Array.from({ length: 12 }, (_, k) => Math.cos(3 * k)),
    w: weights,
    b: [0.3],
  };
  return onBoth({ each, byW, byB }, feeds);
}

test("a linear discriminator's penalty at real examples is ‖w‖², and the gradient of that 2 w", async () => {
  const { each, byW, byB } = await linear("real");
  expect([...each]).toEqual([6.5, 6.5, 6.5, 6.5]);
  expect([...byW]).toEqual(weights.map((weight) => 2 * weight));
  expect([...byB]).toEqual([0]);
});

test("its penalty between real and drawn is (‖w‖ − 1)², and the gradient of that 2 (1 − 1 / ‖w‖) w", async () => {
  const { each, byW, byB } = await linear("between");
  const norm = Math.sqrt(6.5);
  for (const value of each) expect(value).toBeCloseTo((norm - 1) ** 2, 10);
  expect(
    relativeError(
      byW,
      weights.map((weight) => 2 * (1 - 1 / norm) * weight),
    ),
  ).toBeLessThan(1e-10);
  expect([...byB]).toEqual([0]);
});

test("of a discriminator that bends the penalty is taken where it is said", async () => {
  // D = ½ ‖x‖² has the slope x: at real examples the penalty is ‖x‖².
  const [real, drawn] = [input("real", [2, 2]), input("drawn", [2, 2])];
  const judge = (x: Node) => mul(0.5, reshape(matmul(mul(x, x), constant(1, [2, 1])), [2]));
  const judged = { judge, real, drawn, pass: usePass(2) };
  const outputs = { real: gradientPenalties.real(judged), between: gradientPenalties.between(judged) };
  const exact = await onBoth(outputs, { real: [3, 4, 0, 1], drawn: [3, 4, 0, 1] });
  expect([...exact.real]).toEqual([25, 1]);
  expect(exact.between[0]).toBeCloseTo(16, 10); // (5 − 1)², and a place between two equal ones is theirs
  expect(exact.between[1]).toBeCloseTo(0, 10);
});

for (const [network, penalty] of [
  ["dense", "real"],
  ["dense", "between"],
  ["conv", "real"],
] as const) {
  test(`a step of a ${network} game with the penalty ${penalty} is the interpreter's`, async () => {
    test.skip(network === "conv" && !long, onlyLong);
    const dataset = patterns(21, 3, [6, 6, 1]);
    const model = gan({ data: dataset, network, widths: [8], latent: 8, penalty, penaltyWeight: 0.5 });
    expect(model.schedules).toEqual({ penaltyWeight: 0.5 });
    await expectSameStep(await sharedDevice(), { model, dataset, batchSize: 8, seed: 9, epoch: 2 });
  });
}

test("without a weight nothing of a penalty is compiled or measured", () => {
  const { schedules, stages } = gan({ input: [4, 4, 1], penalty: "between" });
  expect(schedules).toEqual({});
  expect(stages[0].objectives[0].units).toEqual({ real: "", drawn: "" });
});
