import { denseParts, plainOptions } from "./dense-parts.ts";
import { family } from "./family.ts";
import { weight } from "./options.ts";
import { plain } from "./plain.ts";
import { squaredWeights } from "./weight-decay.ts";

/** Autoencoder of dense layers: vanilla, deep or linear by its widths. */
export const ae = family({
  name: "ae",
  title: "Plain",
  purpose: "squeeze",
  summary: "plain autoencoder of dense layers: vanilla, deep, or linear without hidden layers",
  words: "Squeezes a picture into a few numbers and redraws it from them. What it cannot squeeze, it forgets.",
  formula: "‖x − decode(encode(x))‖², or the binary cross-entropy of the two, + decayWeight · Σ weights²",
  source: "Hinton and Salakhutdinov 2006, https://doi.org/10.1126/science.1127647",
  reads: ["x"],
  options: {
    ...plainOptions({ hidden: [256], latent: 32 }),
    decayWeight: {
      ...weight(0, "weight of the sum of the squares of all weights, without biases"),
      live: false, // whether there is a decay decides what is compiled
    },
  },
  presets: {
    ae: { summary: "784-256-32, binary cross-entropy: the plain autoencoder" },
    "deep-ae": {
      summary: "784-1000-500-250-30: the deep autoencoder of Hinton and Salakhutdinov",
      options: { hidden: [1000, 500, 250], latent: 30 },
    },
    "linear-ae": {
      summary: "784-32, linear, squared error: it finds the plane of the principal components",
      options: { hidden: [], latent: 32, loss: "squared" },
    },
  },
  build: ({ hidden, latent, loss, decayWeight, ...common }, { fields: { x } }) => {
    const { encoder, decoder } = denseParts(x, { hidden, latent, ...common });
    const decay = () => squaredWeights([...encoder.parameters, ...decoder.parameters]);
    return plain({
      x,
      latent,
      loss,
      encoder,
      decoder,
      extras: decayWeight === 0 ? {} : { decay: { weight: decayWeight, unit: "", of: decay } },
    });
  },
});
