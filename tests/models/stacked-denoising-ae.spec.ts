import { expect, test } from "@playwright/test";
import { stackedDenoisingAe } from "../../src/models/index.ts";
import { arenaLayout, unpackArena } from "../../src/runtime/arena.ts";
import { patterns, sharedDevice, tinyOptions, withTrainer } from "../support/training.ts";

const data = patterns(37, 9, [4, 4, 1]);

/** For each stage, what its parameters' names begin with. */
const moved = [["encoder.0", "decoder.0"], ["encoder.1", "decoder.1"], ["encoder", "decoder"], ["head"]];

test("each stage moves its own layers, and of the others not a bit", async () => {
  const model = stackedDenoisingAe({ data, layers: [8, 4], head: "softmax" });
  expect(model.stages.map(({ name }) => name)).toEqual(["layer 1", "layer 2", "fine-tuning", "head"]);
  const layout = arenaLayout(model.parameters);
  for (const [stage, names] of moved.entries()) {
    await withTrainer(
      await sharedDevice(),
      model,
      tinyOptions(data),
      async (trainer) => {
        const before = await trainer.snapshot();
        await trainer.train(6, () => {});
        const after = await trainer.snapshot();
        for (const parameter of model.parameters) {
          const [then, now] = [before, after].map(({ parameters }) =>
            new Uint32Array(unpackArena(layout, parameters, parameter).slice().buffer).join(" "),
          );
          const moves = names.some((name) => parameter.name.startsWith(name));
          expect(now !== then, `${parameter.name} in the stage ${model.stages[stage].name}`).toBe(moves);
        }
      },
      { stage },
    );
  }
});
