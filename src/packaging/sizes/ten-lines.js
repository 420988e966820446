import { digitsInSlices, fit, requestDevice, vae } from "reparam";

const device = await requestDevice();
const model = vae({ input: [28, 28, 1], hidden: [400], latent: 20, likelihood: "bernoulli" });
const run = fit(device, model, await digitsInSlices(), { epochs: 10, batchSize: 128, learningRate: 1e-3, seed: 1 });
for await (const epoch of run) console.log(epoch.test.loss);
console.log(await run.sample(64));
