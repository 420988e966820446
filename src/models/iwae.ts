import { denseOptions, denseParts } from "./dense-parts.ts";
import { family } from "./family.ts";
import { size } from "./options.ts";
import { variational } from "./variational.ts";
import { boundOptions, chosen } from "./variational-options.ts";

/** Importance-weighted autoencoder: a variational one whose bound on ln p(x) is made of several codes at once. */
export const iwae = family({
  name: "iwae",
  title: "Importance-weighted",
  purpose: "sample",
  summary: "variational autoencoder with a tighter bound, of several codes an example",
  words:
    "Tries several codes for each picture, and those that draw it well count most. So it says more closely how likely a picture is.",
  formula: "−E[ln (1/k) Σᵢ p(x | zᵢ) p(zᵢ) / q(zᵢ | x)], k codes zᵢ drawn from q(z | x)",
  source: "Burda, Grosse and Salakhutdinov 2016, https://arxiv.org/abs/1509.00519",
  reads: ["x"],
  options: {
    ...denseOptions({ hidden: [200, 200], latent: 50, activation: "tanh", initializer: "glorot" }),
    samples: size(5, "codes drawn for each example; with 1 it is a variational autoencoder"),
    ...boundOptions,
  },
  presets: {
    iwae: {
      summary: "784-200-200-50, tanh, five codes an example, pixels drawn as 0 or 1: the paper's model of one layer",
      options: { binarisation: "dynamic" },
    },
  },
  training: { epochs: 20, batchSize: 100, optimizer: { epsilon: 1e-4 } },
  build: ({ hidden, latent, activation, initializer, samples, ...choices }, { fields: { x } }) => {
    const { parts, encoded, decoded } = chosen(x, latent, choices);
    return variational({
      ...parts,
      samples,
      ...denseParts(x, { hidden, latent, encoded, decoded, activation, initializer }),
    });
  },
});
