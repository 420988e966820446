import { sequence } from "../nn/layers.ts";
import { centring } from "./centring.ts";
import { denseParts, plainOptions } from "./dense-parts.ts";
import { family } from "./family.ts";
import { choice, share, size, weight, widths } from "./options.ts";
import { plain } from "./plain.ts";
import { deadShare, type Sparsity, sparsities } from "./sparsity.ts";

/** Sparse autoencoder: its code is wide, and few of its numbers are in use for an example. */
export const sparseAe = family({
  name: "sparse-ae",
  title: "Sparse",
  purpose: "squeeze",
  summary: "autoencoder with a wide code of which little is in use: by a penalty, or by the k largest numbers",
  words:
    "Has many words for a picture, and may use few of them at a time. So each word comes to mean one thing, such as a shape in one place.",
  formula:
    "error(x, decode(encode(x))) + sparsityWeight · Σ |code|, or sparsityWeight · Σ KL(target ‖ mean code), or neither, with the largest numbers alone",
  source:
    "Makhzani and Frey 2013, https://arxiv.org/abs/1312.5663; Ng 2011, https://web.stanford.edu/class/cs294a/sparseAutoencoder.pdf",
  reads: ["x"],
  options: {
    ...plainOptions({ hidden: [], latent: 256 }),
    hidden: widths([], "widths of the encoder's hidden layers; the decoder has them in reverse"),
    latent: { ...size(256, "numbers in a code"), sensibleFrom: 64 },
    sparsity: choice(
      sparsities,
      "kl",
      "what keeps a code sparse: kl of each number's mean over the batch (sigmoid code), l1 of its numbers (ReLU code), or topK, the largest ones alone",
    ),
    sparsityWeight: { ...weight(10, "weight of the penalties kl and l1"), upTo: 100 },
    target: share(0.05, "kl: the mean that each number of a code is to have"),
    active: { ...weight(16, "topK: how many of a code's numbers pass"), upTo: 100 },
  },
  presets: {
    "sparse-ae": {
      summary: "784-256 sigmoid, each number of a code on for one example in twenty",
      // By which the means are near the target within the first epochs.
      training: { optimizer: { learningRate: 1e-2 } },
    },
    "sparse-ae-l1": {
      summary: "784-256 ReLU, the sum of a code's numbers in the loss",
      options: { sparsity: "l1", sparsityWeight: 0.1 },
    },
    "sparse-ae-topk": {
      summary: "784-256, the 16 largest numbers of a code alone",
      options: { sparsity: "topK" },
    },
  },
  training: { optimizer: { learningRate: 3e-3 } },
  build: ({ hidden, latent, loss, sparsity, sparsityWeight, target, active, ...common }, { fields: { x } }) => {
    const { encoder, decoder } = denseParts(x, { hidden, latent, ...common });
    const { code, penalty, schedules }: Sparsity = sparsities[sparsity]({ target, active });
    return plain({
      x,
      latent,
      loss,
      encoder: sequence([centring("encoder", x), encoder, code]),
      decoder,
      schedules,
      extras: {
        ...(penalty && { sparsity: { weight: sparsityWeight, ...penalty } }),
        deadUnits: { unit: "", of: ({ code, batch }) => deadShare(code, batch.weight) },
      },
    });
  },
});
