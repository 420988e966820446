import { denseOptions, denseParts } from "./dense-parts.ts";
import { family } from "./family.ts";
import { variational } from "./variational.ts";
import { chosen, variationalOptions } from "./variational-options.ts";

/** Variational autoencoder of dense layers. The encoder's last layer gives mean and log-variance, [rows, 2 · latent]. */
export const vae = family({
  name: "vae",
  title: "Variational",
  purpose: "sample",
  summary: "variational autoencoder of dense layers",
  words:
    "Turns a picture into a small cloud of likely codes. Clouds overlap, so the places in between draw something, too.",
  formula: "−ELBO = −E[ln p(x | z)] + klWeight · KL(q(z | x) ‖ N(0, 1))",
  source: "Kingma and Welling 2013, https://arxiv.org/abs/1312.6114",
  reads: ["x"],
  options: {
    ...denseOptions({ hidden: [400], latent: 20 }),
    ...variationalOptions,
  },
  presets: {
    vae: { summary: "784-400-20, Bernoulli pixels: the VAE of pytorch/examples" },
    "vae-2d": {
      summary: "784-512-256-2, Bernoulli pixels: a latent space to look at",
      options: { hidden: [512, 256], latent: 2 },
    },
    "vae-gaussian": { summary: "784-400-20, Gaussian pixels", options: { likelihood: "gaussian" } },
    "sigma-vae": {
      summary: "784-400-20, Gaussian pixels whose spread is that of the batch's errors: nothing to balance by hand",
      options: { likelihood: "gaussianCalibrated" },
    },
    "beta-vae": {
      summary: "784-400-10, Bernoulli pixels, the KL term four times: codes of few numbers that say much",
      options: { latent: 10, klWeight: 4 },
    },
    "vae-annealed": {
      summary: "784-400-20, Bernoulli pixels, the KL term coming in over the first 2000 steps",
      options: { klWeight: { name: "linear", to: 1, steps: 2000 } },
    },
    "vae-cyclical": {
      summary: "784-400-20, Bernoulli pixels, the KL term coming in four times over the run",
      options: { klWeight: { name: "cyclical", cycles: 4 } },
    },
    "vae-full": {
      summary: "784-400-8, Bernoulli pixels, a posterior with a full covariance",
      options: { latent: 8, posterior: "full" },
    },
  },
  build: ({ hidden, latent, activation, initializer, ...choices }, { fields: { x } }) => {
    const { parts, encoded, decoded } = chosen(x, latent, choices);
    return variational({
      ...parts,
      ...denseParts(x, { hidden, latent, encoded, decoded, activation, initializer }),
    });
  },
});
