import { expect, test } from "@playwright/test";
import { buildModel, presetConfig } from "../../src/config/config.ts";
import { labels, pixels } from "../../src/data/dataset.ts";
import { SOME_GPU } from "../../src/gpu/profile.ts";
import { slotBytes } from "../../src/plan/plan.ts";
import { plansOf } from "../../src/train/stage-plan.ts";

// How a step grows, by its plan: counts that no machine changes.

const fields = { x: pixels([28, 28, 1]), label: labels(10) };

function stepOf(preset: string, batchSize: number, count = 60_000) {
  const { training, model } = presetConfig(preset);
  const data = { fields, count, shardBytes: 2 ** 27 };
  const [{ plan }] = plansOf(buildModel(model, data), data, SOME_GPU, { ...training, batchSize });
  const flops = plan.dispatches.reduce((sum, dispatch) => sum + dispatch.flops, 0);
  return { launches: plan.dispatches.length, flops: flops / batchSize, memory: slotBytes(plan) / batchSize };
}

for (const preset of ["vae", "conv-vae"]) {
  test(`work and memory of ${preset} grow with its batch, and launches hardly`, () => {
    const small = stepOf(preset, 32);
    for (const batchSize of [128, 1024, 4096]) {
      const large = stepOf(preset, batchSize);
      expect(large.flops).toBeLessThanOrEqual(small.flops); // Adam is once a step
      expect(large.flops).toBeGreaterThan(0.9 * small.flops);
      expect(large.memory).toBeLessThan(1.7 * small.memory);
      expect(large.launches - small.launches).toBeLessThanOrEqual(4);
    }
  });
}

test("a step costs the same however many examples there are", () => {
  const few = stepOf("vae", 128, 10_000);
  const many = stepOf("vae", 128, 160_000); // all that one binding of 128 MiB holds
  expect(many.launches).toBe(few.launches);
  expect(many.flops / few.flops).toBeCloseTo(1, 4);
  // Each binding more is a launch that picks from it.
  const shards = stepOf("vae", 128, 10_000_000);
  expect(shards.launches - few.launches).toBe(Math.ceil((10_000_000 * 784) / 2 ** 27) - 1);
  expect(shards.memory).toBe(few.memory);
  expect(shards.flops / few.flops).toBeCloseTo(1, 4);
});
