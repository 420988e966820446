import { expect, test } from "@playwright/test";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { aae, type Model } from "../../src/models/index.ts";
import { standardNormal } from "../../src/models/inference.ts";
import { input } from "../../src/ops/leaf.ts";
import { arenaLayout, unpackArena } from "../../src/runtime/arena.ts";
import { usePass } from "../../src/train/batch.ts";
import { fit } from "../../src/train/fit.ts";
import { covariance, eigen, wavyVectors } from "../support/exact-data.ts";
import { long, onlyLong } from "../support/long.ts";
import { patterns, sharedDevice, tinyOptions, withTrainer } from "../support/training.ts";

const data = patterns(37, 9, [4, 4, 1]);
const tiny = (): Model => aae({ data, hidden: [8], latent: 2, discriminator: [6] });

test("each objective moves its own weights and no bit of others: the game on codes leaves the decoder alone", async () => {
  const whole = tiny();
  const [stage] = whole.stages;
  expect(stage.objectives.map(({ name }) => name)).toEqual(["reconstruction", "discriminator", "generator"]);
  for (const objective of stage.objectives) {
    const moved = new Set(objective.moves.map(({ name }) => name));
    const parameters = whole.parameters.map((parameter) => ({ ...parameter, trained: moved.has(parameter.name) }));
    const moves = parameters.filter(({ trained }) => trained);
    const model: Model = { ...whole, parameters, stages: [{ ...stage, objectives: [{ ...objective, moves }] }] };
    await withTrainer(await sharedDevice(), model, tinyOptions(data), async (trainer) => {
      const [before, own] = [await trainer.snapshot(), arenaLayout(model.parameters)];
      await trainer.train(7, () => {});
      const after = await trainer.snapshot();
      for (const parameter of parameters) {
        const [a, b] = [before, after].map((at) =>
          Buffer.from(unpackArena(own, at.parameters, parameter).slice().buffer),
        );
        expect(Buffer.compare(a, b) !== 0, `${objective.name}: ${parameter.name}`).toBe(moved.has(parameter.name));
      }
    });
  }
});

test("codes vary as the prior does, which the discriminator cannot tell from it; without the game they do not", async () => {
  test.skip(!long, onlyLong);
  const vectors = wavyVectors(512, 8);
  const trained = async (learningRate: number) => {
    const model = aae({ data: vectors, hidden: [], latent: 2, loss: "squared", discriminator: [16] });
    const player = { learningRate, beta1: 0.5 };
    const run = fit(await sharedDevice(), model, vectors, {
      epochs: 60,
      batchSize: 64,
      learningRate: 5e-3,
      seed: 1,
      optimizers: { discriminator: { learningRate: 5e-3, beta1: 0.5 }, generator: player },
    });
    await run.finished;
    const codes = await run.use("encode", 512, { x: vectors.train.values.x });
    const { test: losses } = run.history.at(-1)!;
    await run.dispose();
    return { losses, variances: eigen(covariance(codes, 2)).values };
  };
  const { losses, variances } = await trained(5e-3);
  for (const variance of variances) expect(Math.abs(variance - 1)).toBeLessThan(0.25);
  expect(Math.abs(losses["discriminator.loss"] - 2 * Math.LN2)).toBeLessThan(0.02);
  const free = await trained(1e-30);
  expect(free.variances[0]).toBeGreaterThan(2);
  expect(free.losses["discriminator.loss"]).toBeLessThan(2 * Math.LN2 - 0.05);
});

test("samples are draws of the prior, decoded", () => {
  const { uses } = tiny();
  const noise = interpret(collect({ code: standardNormal(2).draw(usePass(5)) }), { seed: [4, 0] }).code;
  const feeds = Object.fromEntries(tiny().parameters.map(({ name, initialize }) => [name, initialize(1)]));
  const drawn = interpret(collect({ y: uses.sample.apply({}, usePass(5)) }), { feeds, seed: [4, 0] }).y;
  const code = input("code", [5, 2]);
  const decoded = interpret(collect({ y: uses.decode.apply({ code }, usePass(5)) }), {
    feeds: { ...feeds, code: noise },
  });
  expect([...drawn]).toEqual([...decoded.y]);
});
