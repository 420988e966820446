import { convAe } from "./conv-ae.ts";
import { convNetworks } from "./conv-parts.ts";
import { corruption, corruptionOptions } from "./corruption.ts";
import { family } from "./family.ts";
import { plain } from "./plain.ts";

/** Denoising autoencoder of convolutions: noise is drawn on the GPU at every step, and the clean image is the target. */
export const convDenoisingAe = family({
  name: "conv-denoising-ae",
  title: "Convolutional denoising",
  purpose: "squeeze",
  summary: "autoencoder of convolutions that is given a spoilt image and must give the clean one",
  words:
    "Repairs pictures patch by patch: the same stroke is mended in the same way wherever it lies. The code keeps it from passing the noise through.",
  formula: "error(x, decode(encode(x̃))), x̃ = x spoilt by noise",
  source: "Vincent, Larochelle, Bengio and Manzagol 2008, https://doi.org/10.1145/1390156.1390294",
  reads: ["x"],
  options: { ...convAe.statement.options, ...corruptionOptions({ noise: "clipped", amount: 0.5 }) },
  presets: {
    "conv-denoising-ae": {
      summary: "convolutions to 32 and 64 channels, code of 128, Gaussian noise of 0.5 clipped to 0..1",
      options: { latent: 128 },
    },
  },
  build: ({ latent, loss, noise, amount, ...layers }, { fields: { x } }) =>
    plain({
      x,
      latent,
      loss,
      ...convNetworks(x, { latent, ...layers }),
      corrupt: corruption("conv-denoising-ae", noise, amount),
    }),
});
