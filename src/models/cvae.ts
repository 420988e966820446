import { fieldSize } from "../data/dataset.ts";
import { mlp } from "../nn/layers.ts";
import { family, labelsOf } from "./family.ts";
import { vae } from "./vae.ts";
import { variational } from "./variational.ts";

/** Conditional variational autoencoder: encoder and decoder are told the class, so that the code need not say it. */
export const cvae = family({
  name: "cvae",
  summary: "variational autoencoder that is told the class, and draws examples of a class",
  words:
    "A variational one that is told which digit it sees. Its code holds only the handwriting, so it can draw any digit in it.",
  formula: "−E[ln p(x | z, label)] + klWeight · KL(q(z | x, label) ‖ N(0, 1))",
  source: "Sohn, Lee and Yan 2015, https://papers.nips.cc/paper/5775",
  reads: ["x", "label"],
  options: vae.statement.options,
  presets: { cvae: { summary: "784-400-20, labels to encoder and decoder" } },
  build: ({ hidden, latent, likelihood, klWeight, ...common }, data) => {
    const { x } = data.fields;
    const label = labelsOf(data, "cvae");
    const features = fieldSize(x);
    const { classes } = label;
    return variational({
      x,
      label,
      latent,
      likelihood,
      klWeight,
      encoder: mlp("encoder", { inputs: features + classes, hidden, outputs: 2 * latent, ...common }),
      decoder: mlp("decoder", { inputs: latent + classes, hidden: hidden.toReversed(), outputs: features, ...common }),
    });
  },
});
