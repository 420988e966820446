import { bits } from "../data/dataset.ts";
import { type Layer, sequence } from "../nn/layers.ts";
import type { Node } from "../node/node.ts";
import { sigmoid } from "../ops/activation.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { schedule } from "../ops/leaf.ts";
import { normal } from "../ops/noise.ts";
import { centring } from "./centring.ts";
import { denseParts, plainOptions } from "./dense-parts.ts";
import { perExample } from "./examples.ts";
import { family } from "./family.ts";
import { size, weight } from "./options.ts";
import { plain } from "./plain.ts";

/** Numbers between 0 and 1 that noise in training drives to the two ends, where alone it changes nothing: [rows, latent] → the same. */
const noisyBits: Layer = {
  parameters: [],
  apply: (x, pass) => {
    if (!pass.training) return sigmoid(x);
    return sigmoid(add(x, mul(schedule("noise"), normal(pass.noise("bits"), x.shape))));
  },
};

/** How far the numbers of a code are from bits: the mean of 4 h (1 − h), [rows], 0 where all are 0 or 1, and 1 where all are ½. */
const undecided = (code: Node): Node => mul(4 / code.shape[1], perExample(mul(code, sub(1, code))));

/** Semantic hashing: a deep autoencoder whose codes become bits, so that alike examples are found by bits that are equal. */
export const semanticHashing = family({
  name: "semantic-hashing",
  title: "Semantic hashing",
  purpose: "symbols",
  summary: "deep autoencoder whose codes are bits, to find what is alike",
  words:
    "Gives each picture a row of switches, on or off. Pictures that are alike have nearly the same switches, so they are found without looking at any picture.",
  formula: "error(x, decode(b)), b = sigmoid(encode(x) + noise · ε), ε ~ N(0, 1); without noise once it is trained",
  source: "Salakhutdinov and Hinton 2009, https://doi.org/10.1016/j.ijar.2008.11.006",
  reads: ["x"],
  options: {
    ...plainOptions({ hidden: [512, 256], latent: 32 }),
    latent: { ...size(32, "bits in a code"), sensibleFrom: 16 },
    noise: weight(4, "standard deviation of the noise before the code's sigmoid, in training"),
  },
  presets: {
    "semantic-hashing": { summary: "784-512-256-32 bits, noise of 4" },
  },
  build: ({ hidden, latent, loss, noise, ...common }, { fields: { x } }) => {
    const { encoder, decoder } = denseParts(x, { hidden, latent, ...common });
    return plain({
      x,
      latent,
      code: bits(latent),
      loss,
      encoder: sequence([centring("encoder", x), encoder, noisyBits]),
      decoder,
      schedules: { noise },
      extras: { undecided: { unit: "", of: ({ code }) => undecided(code) } },
    });
  },
});
