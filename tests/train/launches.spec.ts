import { expect, test } from "@playwright/test";
import { IMAGES } from "../../src/bench/preset-trainer.ts";
import { buildModel, presetConfig } from "../../src/config/config.ts";
import { plansOf } from "../../src/train/stage-plan.ts";

// A launch that is added to a step by accident costs every step of every run; fewer are welcome, here too.
const launches = {
  vae: 20,
  "conv-vae": 41,
  "conv-vae-64": 90,
  gan: 66,
  aae: 76,
  wae: 48,
  "vq-vae": 37,
  "conv-vq-vae": 48,
};

for (const [name, count] of Object.entries(launches)) {
  test(`a training step of ${name} on images of 28x28 is ${count} launches`, () => {
    const { model: config, training } = presetConfig(name);
    const model = buildModel(config, { fields: IMAGES });
    const profile = { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 256 };
    const data = { fields: IMAGES, count: 60_000, shardBytes: 2 ** 27 };
    const [{ plan }] = plansOf(model, data, profile, training);
    expect(plan.dispatches.length).toBe(count);
  });
}
