import { createTrainer } from "../../../src/worker/index.ts";
import type { Trained } from "./ten-lines.ts";

/** The same run in the library's own worker. */
export async function trainAndSample(): Promise<Trained> {
  const trainer = await createTrainer();
  const data = { name: "digits", trainCount: 500, testCount: 100 } as const;
  const model = { family: "vae", hidden: [30], latent: 3, likelihood: "bernoulli" };
  const run = trainer.fit(model, data, { epochs: 3, batchSize: 32, learningRate: 1e-2, seed: 1 });
  const losses: number[] = [];
  for await (const epoch of run) losses.push(epoch.test.loss);
  const images = await run.sample(5);
  await run.dispose();
  trainer.dispose();
  return { losses, images: [...images] };
}
