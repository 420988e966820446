import { denseParts } from "./dense-parts.ts";
import { reconstructionErrors } from "./error.ts";
import { family } from "./family.ts";
import { activationOption, choice, initializerOption, size, widths } from "./options.ts";
import { plain } from "./plain.ts";

/** Autoencoder of dense layers: vanilla, deep or linear by its widths. */
export const ae = family({
  name: "ae",
  summary: "plain autoencoder of dense layers: vanilla, deep, or linear without hidden layers",
  words: "Squeezes a picture into a few numbers and redraws it from them. What it cannot squeeze, it forgets.",
  formula: "‖x − decode(encode(x))‖², or the binary cross-entropy of the two",
  source: "Hinton and Salakhutdinov 2006, https://doi.org/10.1126/science.1127647",
  reads: ["x"],
  options: {
    hidden: widths([256], "widths of the encoder's hidden layers; the decoder has them in reverse, [] is linear"),
    latent: size(32, "numbers in a code"),
    activation: activationOption("relu"),
    loss: choice(
      reconstructionErrors,
      "bce",
      "error of a redrawn number: squared, or binary cross-entropy (values 0..1)",
    ),
    initializer: initializerOption("glorot"),
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
  build: ({ hidden, latent, loss, ...common }, { fields: { x } }) => {
    return plain({
      x,
      latent,
      loss,
      ...denseParts(x, { hidden, latent, ...common }),
    });
  },
});
