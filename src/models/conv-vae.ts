import { convNetworks, normalizations } from "./conv-parts.ts";
import { family } from "./family.ts";
import { activationOption, choice, initializerOption, rate, size, widths } from "./options.ts";
import { variational } from "./variational.ts";
import { chosen, variationalOptions } from "./variational-options.ts";

/**
 * Convolutional variational autoencoder, by default that of Keras's examples (keras.io/examples/generative/vae):
 * convolutions to 32 and 64 channels with stride 2, a dense layer of 16, a code of 2; then a dense layer back to the
 * smallest image, transposed convolutions with stride 2 to 64 and 32 channels, and one with stride 1 to the image's.
 */
export const convVae = family({
  name: "conv-vae",
  title: "Convolutional variational",
  purpose: "sample",
  summary: "variational autoencoder of convolutions",
  words:
    "Looks at small patches and shares what it learns between places. Each picture becomes a small cloud of codes.",
  formula: "−ELBO = −E[ln p(x | z)] + klWeight · KL(q(z | x) ‖ N(0, 1))",
  source:
    "Kingma and Welling 2013, https://arxiv.org/abs/1312.6114; layers of Keras's example, https://keras.io/examples/generative/vae",
  reads: ["x"],
  options: {
    channels: widths([32, 64], "channels after each convolution; each halves height and width", 1),
    dense: size(16, "width of the dense layer between the convolutions and the code"),
    latent: size(2, "numbers in a code"),
    activation: activationOption("relu"),
    initializer: initializerOption("glorot"),
    normalization: choice(normalizations, "none", "between each convolution but the decoder's last and its activation"),
    dropout: rate(0, "rate of dropout behind the activations of the dense layers"),
    ...variationalOptions,
  },
  presets: {
    "conv-vae": {
      summary: "convolutions to 32 and 64 channels, dense 16, code of 2, Bernoulli pixels: Keras's example",
    },
    "conv-vae-64": {
      summary:
        "four convolutions with batch norm, dense 256, code of 32, Bernoulli pixels: for images of 64x64, such as shapes",
      options: { channels: [32, 64, 128, 256], dense: 256, latent: 32, normalization: "batch" },
      data: { name: "shapes" },
    },
  },
  build: (
    { channels, dense, latent, activation, initializer, normalization, dropout, ...choices },
    { fields: { x } },
  ) => {
    const { parts, encoded, decoded } = chosen(x, latent, choices);
    const layers = { channels, dense, latent, activation, initializer, normalization, dropout };
    return variational({ ...parts, ...convNetworks(x, { ...layers, encoded, decoded }) });
  },
});
