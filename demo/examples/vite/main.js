import { digits, fit, requestDevice, vae } from "reparam";
import { createTrainer } from "reparam/worker";
import { show } from "../show.js";

const says = document.querySelector("#says");
const options = { epochs: 8, batchSize: 50, learningRate: 3e-3, seed: 1 };
const counts = { trainCount: 2000, testCount: 200 };
try {
  const model = vae({ input: [28, 28, 1], hidden: [128], latent: 8, likelihood: "bernoulli" });
  const run = fit(await requestDevice(), model, digits(counts), options);
  for await (const epoch of run) says.textContent += `${epoch.test.loss.toFixed(1)} `;
  await run.dispose();

  // The same in a worker, so that the page stays free.
  const trainer = await createTrainer();
  const again = trainer.fit({ family: "vae", hidden: [128], latent: 8 }, { name: "digits", ...counts }, options);
  for await (const epoch of again) says.textContent += `${epoch.test.loss.toFixed(1)} `;
  show(await again.sample(8), document.querySelector("canvas"));
  trainer.dispose();
  document.body.className = "done";
} catch (error) {
  says.textContent = error.message;
  document.body.className = "failed";
}
