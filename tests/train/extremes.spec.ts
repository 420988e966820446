import { expect, test } from "@playwright/test";
import { interpret } from "../../src/graph/interpret.ts";
import { vae } from "../../src/models/index.ts";
import { likelihoods } from "../../src/models/likelihood.ts";
import type { Parameter } from "../../src/nn/parameter.ts";
import { execute } from "../../src/runtime/execute.ts";
import { fieldBuffer, WEIGHT } from "../../src/train/batch.ts";
import { GRADIENT, stageGraphs } from "../../src/train/objective.ts";
import { relativeError, sharedDevice } from "../support/training.ts";

// A black, a white and a grey image, of which every column is constant but for these; log-variances of ±30, logits of ±100.
const [PIXELS, LATENT, ROWS] = [6, 4, 3];
const images = [0, 1, 0.5].flatMap((level) => new Array<number>(PIXELS).fill(level));
const LOG_VARIANCES = [30, -30, 30, -30];
const OUTPUTS = [100, -100, 100, -100, 0, 1];

/** Layers whose outputs are these numbers, whatever they are given: their weights are small, or 0. */
function extreme({ name, shape }: Parameter): number[] {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (name === "encoder.out.bias") return [...new Array<number>(LATENT).fill(0), ...LOG_VARIANCES];
  if (name === "decoder.out.bias") return Array.from({ length: size }, (_, k) => OUTPUTS[k % OUTPUTS.length]);
  if (name.startsWith("decoder.") && name.endsWith("weight")) return new Array<number>(size).fill(0);
  return Array.from({ length: size }, (_, k) => 0.01 * Math.sin(k + 1));
}

for (const likelihood of Object.keys(likelihoods) as (keyof typeof likelihoods)[]) {
  test(`losses and gradients at logits of ±100 and log-variances of ±30 are finite and exact: ${likelihood}`, async () => {
    const model = vae({ input: [PIXELS], hidden: [5], latent: LATENT, likelihood });
    const [{ graph, metrics }] = stageGraphs(model, model.stages[0], ROWS, true);
    const feeds = {
      ...Object.fromEntries(model.parameters.map((parameter) => [parameter.name, extreme(parameter)])),
      [fieldBuffer("x")]: images,
      [WEIGHT]: new Array<number>(ROWS).fill(1),
      klWeight: [1],
    };
    const exact = interpret(graph, { feeds, seed: [1, 0], step: 3 });
    const found = await execute(await sharedDevice(), graph, { feeds, seed: [1, 0], step: 3 });
    metrics.forEach(({ name }, k) => {
      expect(Number.isFinite(found.metrics[k]), name).toBe(true);
      expect(Math.abs(found.metrics[k] / exact.metrics[k] - 1), name).toBeLessThan(1e-4);
    });
    for (const { name } of model.parameters) {
      const [slopes, wanted] = [found[GRADIENT + name], exact[GRADIENT + name]];
      expect(slopes.every(Number.isFinite), name).toBe(true);
      expect(relativeError(slopes, wanted), name).toBeLessThan(1e-4);
    }
  });
}
