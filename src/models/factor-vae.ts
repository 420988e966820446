import { held, type Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { add, equal, greater, mul, sub } from "../ops/arithmetic.ts";
import { gather, iota } from "../ops/indexing.ts";
import { normal, uniform } from "../ops/noise.ts";
import { sum } from "../ops/reduce.ts";
import { reshape, stopGradient } from "../ops/shape.ts";
import { denseDiscriminator, discriminatorTerms, judged } from "./adversary.ts";
import { binarisations } from "./binarisation.ts";
import { denseOptions, denseParts } from "./dense-parts.ts";
import { family } from "./family.ts";
import type { Batch, Model } from "./model.ts";
import { weight, widths } from "./options.ts";
import { posteriors } from "./posterior.ts";
import { variational } from "./variational.ts";
import { boundOptions, chosen } from "./variational-options.ts";

/**
 * Every column of codes in a random order of its own, so that the numbers of a code are independent of each other: [rows, latent].
 * Rows past the end of a ragged batch, whose weight is 0, change places among themselves.
 */
export function permutedColumns(z: Node, { rows, weight, noise }: Pass): Node {
  const latent = z.shape[1];
  const keys = add(uniform(noise("order"), z.shape), mul(2, reshape(sub(1, weight), [rows, 1])));
  const [own, other] = [reshape(keys, [rows, 1, latent]), reshape(keys, [1, rows, latent])];
  const before = greater(iota([rows, 1, 1]), iota([1, rows, 1], 1));
  // How many keys of the column are smaller; of equal ones those of the rows before.
  const place = sum(add(greater(own, other), mul(equal(own, other), before)), { axes: [1] });
  return gather(reshape(z, [rows * latent]), add(mul(latent, place), iota([1, latent], 1)));
}

/**
 * FactorVAE: a discriminator learns to tell codes from codes whose columns were permuted, and its logit, the logarithm of how much
 * likelier a code is than its numbers alone, says how far these are from independent.
 */
export const factorVae = family({
  name: "factor-vae",
  title: "Factor variational",
  purpose: "sample",
  summary: "variational autoencoder that keeps the numbers of a code independent of each other, by a discriminator",
  words:
    "A judge tells codes from ones whose numbers were shuffled among pictures. Once it cannot, each number says something of its own.",
  formula:
    "−E[ln p(x | z)] + klWeight · KL(q(z | x) ‖ N(0, 1)) + totalCorrelationWeight · E[ln D(z) − ln(1 − D(z))]; discriminator: −ln D(z) − ln(1 − D(permuted z))",
  source: "Kim and Mnih 2018, https://arxiv.org/abs/1802.05983",
  reads: ["x"],
  options: {
    ...denseOptions({ hidden: [400], latent: 10, initializer: "glorot" }),
    discriminator: widths([256, 256, 256], "widths of the discriminator's layers", 1),
    totalCorrelationWeight: weight(
      10,
      "weight of how far the numbers of a code are from independent: the γ of the paper",
    ),
    ...boundOptions,
  },
  presets: { "factor-vae": { summary: "784-400-10, Bernoulli pixels, γ of 10, a discriminator of 10-256-256-256" } },
  training: { epochs: 20, optimizers: { discriminator: { learningRate: 3e-4, beta1: 0.5, beta2: 0.9 } } },
  build: ({ hidden, latent, activation, initializer, ...options }, { fields: { x } }): Model => {
    const { discriminator: judges, totalCorrelationWeight, ...choices } = options;
    const { parts, encoded, decoded } = chosen(x, latent, choices);
    const layers = denseParts(x, { hidden, latent, encoded, decoded, activation, initializer });
    const discriminator = denseDiscriminator(latent, judges, initializer);
    const model = variational({
      ...parts,
      ...layers,
      extras: {
        totalCorrelation: {
          weight: totalCorrelationWeight,
          unit: "nats",
          of: ({ z, pass }) => judged(discriminator, z, held(pass)),
        },
      },
    });
    const drawn = (batch: Batch, pass: Pass) => {
      const seen = binarisations[choices.binarisation](batch.field("x"), pass);
      const posterior = posteriors[choices.posterior].of(layers.encoder.apply(seen, pass), latent);
      return stopGradient(posterior.draw(normal(pass.noise("epsilon"), [pass.rows, latent])));
    };
    const [stage] = model.stages;
    return {
      ...model,
      parameters: [...model.parameters, ...discriminator.parameters],
      stages: [
        {
          ...stage,
          monitor: { term: "autoencoder.loss", split: "test" },
          objectives: [
            { ...stage.objectives[0], name: "autoencoder" },
            {
              name: "discriminator",
              moves: discriminator.parameters,
              optimizer: "discriminator",
              unit: "nats",
              units: { real: "", permuted: "" },
              terms: (batch, pass) => {
                const z = drawn(batch, pass);
                const [onReal, onPermuted] = [z, permutedColumns(z, pass)].map((codes) =>
                  judged(discriminator, codes, pass),
                );
                const { loss, real, drawn: permuted } = discriminatorTerms(onReal, onPermuted);
                return { loss, real, permuted };
              },
            },
          ],
        },
      ],
    };
  },
});
