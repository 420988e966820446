import { corruption, corruptionOptions } from "./corruption.ts";
import { denseParts, plainOptions } from "./dense-parts.ts";
import { family } from "./family.ts";
import { plain } from "./plain.ts";

/** Denoising autoencoder: noise is drawn on the GPU at every step, and the clean example is the target. */
export const denoisingAe = family({
  name: "denoising-ae",
  title: "Denoising",
  purpose: "squeeze",
  summary: "autoencoder that is given a spoilt example and must give the clean one",
  words: "Gets a spoilt picture and must give the clean one. So it learns what pictures look like, and not to copy.",
  formula: "error(x, decode(encode(x̃))), x̃ = x spoilt by noise",
  source: "Vincent, Larochelle, Bengio and Manzagol 2008, https://doi.org/10.1145/1390156.1390294",
  reads: ["x"],
  options: {
    ...plainOptions({ hidden: [256], latent: 32 }),
    ...corruptionOptions({ noise: "clipped", amount: 0.5 }),
  },
  presets: {
    "denoising-ae": {
      summary: "784-512-128, Gaussian noise of 0.5 clipped to 0..1",
      options: { hidden: [512], latent: 128 },
    },
  },
  build: ({ hidden, latent, loss, noise, amount, ...common }, { fields: { x } }) => {
    return plain({
      x,
      latent,
      loss,
      ...denseParts(x, { hidden, latent, ...common }),
      corrupt: corruption("denoising-ae", noise, amount),
    });
  },
});
