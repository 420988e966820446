import { fieldSize } from "../data/dataset.ts";
import { mlp } from "../nn/layers.ts";
import { denseOptions } from "./dense-parts.ts";
import { family, labelsOf } from "./family.ts";
import { size } from "./options.ts";
import { vae } from "./vae.ts";
import { variational } from "./variational.ts";
import { chosen } from "./variational-options.ts";

const { hidden, initializer } = denseOptions({ hidden: [512, 256], latent: 3, initializer: "glorot" });

/** Conditional variational autoencoder: encoder and decoder are told the class, so that the code need not say it. */
export const cvae = family({
  name: "cvae",
  title: "Conditional",
  purpose: "sample",
  summary: "variational autoencoder that is told the class, and draws examples of a class",
  words:
    "A variational one that is told which digit it sees. Its code holds only the handwriting, so it can draw any digit in it.",
  formula: "−E[ln p(x | z, label)] + klWeight · KL(q(z | x, label) ‖ N(0, 1))",
  source: "Sohn, Lee and Yan 2015, https://papers.nips.cc/paper/5775",
  reads: ["x", "label"],
  options: {
    ...vae.statement.options,
    hidden,
    latent: size(3, "numbers in a code: few, so that it leaves the class to the label"),
    initializer,
  },
  presets: { cvae: { summary: "784-512-256-3, labels to encoder and decoder" } },
  build: ({ hidden, latent, activation, initializer, ...choices }, data) => {
    const { x } = data.fields;
    const label = labelsOf(data, "cvae");
    const features = fieldSize(x);
    const { classes } = label;
    const { parts, encoded, decoded } = chosen(x, latent, choices);
    const common = { activation, initializer };
    return variational({
      ...parts,
      label,
      encoder: mlp("encoder", { inputs: features + classes, hidden, outputs: encoded, ...common }),
      decoder: mlp("decoder", {
        inputs: latent + classes,
        hidden: hidden.toReversed(),
        outputs: features * decoded,
        ...common,
      }),
    });
  },
});
