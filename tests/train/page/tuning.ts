import { fit, requestDevice, ring, vae } from "../../../src/index.ts";
import { tune } from "../../../src/tune/index.ts";

/** Classes that each of two visits measured, and the source of the choices that a run then had. */
export interface Tuned {
  readonly measured: readonly number[];
  readonly wrong: number;
  readonly choices: number;
  readonly loss: number;
}

/** The lines of docs/benchmarks.md for a web app: tune, then train; the second time IndexedDB knows. */
export async function tuneTwice(): Promise<Tuned> {
  const model = vae({ input: [2], hidden: [], latent: 2, likelihood: "gaussian" });
  const plain = await requestDevice();
  const options = { batchSize: 8, rounds: 1 };
  const first = await tune(plain, model, options);
  const { device, products } = await tune(plain, model, options);
  const data = ring({ trainCount: 64, testCount: 32 });
  const run = fit(device, model, data, { epochs: 1, batchSize: 8, seed: 1 });
  await run.finished;
  const [{ test }] = run.history;
  await run.dispose();
  plain.dispose();
  return {
    measured: [first.products.length, products.length],
    wrong: first.products.flatMap(({ candidates }) => candidates.filter(({ problem }) => problem)).length,
    choices: Object.keys(device.profile.choices![0].entries).length,
    loss: test.loss,
  };
}
