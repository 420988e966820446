import { fit, requestDevice, ring, vae } from "../../../src/index.ts";
import { countLiveBuffers } from "../../support/gpu-calls.ts";

/** What is on the device after each of so many models that are made, trained, used and disposed of in turn. */
export async function modelsInTurn(count: number): Promise<{ readonly buffers: number; readonly bytes: number }[]> {
  const device = await requestDevice();
  const { alive, bytes } = countLiveBuffers(device.gpu);
  const data = ring({ trainCount: 32, testCount: 16 });
  const held: { buffers: number; bytes: number }[] = [];
  for (let seed = 0; seed < count; seed++) {
    const model = vae({ data, hidden: [], latent: 2, likelihood: "gaussian" });
    const run = fit(device, model, data, { epochs: 1, batchSize: 16, seed });
    await run.finished;
    await run.sample(2);
    await run.dispose();
    held.push({ buffers: alive(), bytes: bytes() });
  }
  device.check();
  device.dispose();
  return held;
}
