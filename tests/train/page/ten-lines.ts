import { digits, fit, requestDevice, vae } from "../../../src/index.ts";

export interface Trained {
  readonly losses: readonly number[];
  readonly images: readonly number[];
}

/** The README's lines for a web app, at a smaller size. */
export async function trainAndSample(): Promise<Trained> {
  const device = await requestDevice();
  const model = vae({ input: [28, 28, 1], hidden: [30], latent: 3, likelihood: "bernoulli" });
  const data = digits({ trainCount: 500, testCount: 100 });
  const run = fit(device, model, data, { epochs: 3, batchSize: 32, learningRate: 1e-2, seed: 1 });
  const losses: number[] = [];
  for await (const epoch of run) losses.push(epoch.test.loss);
  const images = await run.sample(5);
  await run.dispose();
  device.check();
  device.dispose();
  return { losses, images: [...images] };
}
