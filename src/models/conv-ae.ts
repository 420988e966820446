import { convNetworks, normalizations, upsamplings } from "./conv-parts.ts";
import { plainOptions } from "./dense-parts.ts";
import { family } from "./family.ts";
import { choice, widths } from "./options.ts";
import { plain } from "./plain.ts";

const { latent, activation, loss, initializer } = plainOptions({ hidden: [256], latent: 32 });

/** Autoencoder of convolutions: its code is a few numbers, from a dense layer behind them. */
export const convAe = family({
  name: "conv-ae",
  title: "Convolutional",
  purpose: "squeeze",
  summary: "plain autoencoder of convolutions",
  words:
    "Looks at small patches, and then at patches of patches, until a few numbers are left. The way back is the mirror.",
  formula: "error(x, decode(encode(x))): squared, or the binary cross-entropy",
  source: "Masci, Meier, Cireşan and Schmidhuber 2011, https://doi.org/10.1007/978-3-642-21735-7_7",
  reads: ["x"],
  options: {
    channels: widths([32, 64], "channels after each convolution; each halves height and width", 1),
    latent,
    activation,
    normalization: choice(normalizations, "none", "between each convolution but the decoder's last and its activation"),
    upsampling: choice(
      upsamplings,
      "transposed",
      "how the decoder comes to larger images: transposed convolutions, or nearest: pixels repeated before a convolution",
    ),
    loss,
    initializer,
  },
  presets: {
    "conv-ae": { summary: "convolutions to 32 and 64 channels, code of 32, binary cross-entropy" },
    "conv-ae-nearest": {
      summary: "the same, with up-sampling and convolutions in the place of the transposed ones",
      options: { upsampling: "nearest" },
    },
  },
  build: ({ latent, loss, ...layers }, { fields: { x } }) =>
    plain({ x, latent, loss, ...convNetworks(x, { latent, ...layers }) }),
});
