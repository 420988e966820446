import { stopGradient } from "../ops/shape.ts";
import { denseDiscriminator, discriminatorTerms, generatorLoss, judged } from "./adversary.ts";
import { denseParts, plainOptions } from "./dense-parts.ts";
import { family } from "./family.ts";
import { standardNormal } from "./inference.ts";
import type { Model } from "./model.ts";
import { widths } from "./options.ts";
import { plain } from "./plain.ts";

/**
 * Adversarial autoencoder. In each step encoder and decoder reconstruct; then a discriminator learns to tell codes from
 * draws of a standard normal prior; then the encoder moves against it, with an optimizer of its own.
 */
export const aae = family({
  name: "aae",
  title: "Adversarial",
  purpose: "sample",
  summary: "autoencoder whose codes a discriminator compares with draws of a normal distribution",
  words:
    "Redraws pictures, while a judge tells its codes from random ones. Once the judge cannot, random codes draw pictures, too.",
  formula:
    "error(x, decode(encode(x))); discriminator: −ln D(z) − ln(1 − D(encode(x))), z ~ N(0, 1); encoder: −ln D(encode(x))",
  source: "Makhzani et al. 2015, https://arxiv.org/abs/1511.05644",
  reads: ["x"],
  options: {
    ...plainOptions({ hidden: [512, 256], latent: 8 }),
    discriminator: widths([256, 128], "widths of the discriminator's layers", 1),
  },
  presets: {
    aae: { summary: "784-512-256-8, binary cross-entropy, and a discriminator of 8-256-128" },
    "aae-2d": { summary: "the same with codes of two numbers: a latent space to look at", options: { latent: 2 } },
  },
  training: {
    epochs: 20,
    // Adam's steps do not shrink with their gradient: much faster players would not let the encoder reconstruct, and much
    // slower ones would not keep its codes together.
    optimizers: { discriminator: { learningRate: 3e-4, beta1: 0.5 }, generator: { learningRate: 3e-4, beta1: 0.5 } },
  },
  build: ({ hidden, latent, loss, discriminator: judges, ...common }, { fields: { x } }): Model => {
    const { encoder, decoder } = denseParts(x, { hidden, latent, ...common });
    const discriminator = denseDiscriminator(latent, judges, common.initializer);
    const prior = standardNormal(latent);
    const model = plain({ x, latent, loss, prior, encoder, decoder });
    const [
      {
        objectives: [reconstruction],
      },
    ] = model.stages;
    return {
      ...model,
      parameters: [...model.parameters, ...discriminator.parameters],
      stages: [
        {
          name: "training",
          share: 1,
          monitor: null,
          objectives: [
            { ...reconstruction, name: "reconstruction" },
            {
              name: "discriminator",
              moves: discriminator.parameters,
              optimizer: "discriminator",
              unit: "nats",
              units: { real: "", drawn: "" },
              terms: (batch, pass) => {
                const code = stopGradient(encoder.apply(batch.field("x"), pass));
                const [onReal, onDrawn] = [prior.draw(pass), code].map((z) => judged(discriminator, z, pass));
                return discriminatorTerms(onReal, onDrawn);
              },
            },
            {
              name: "generator",
              moves: encoder.parameters,
              optimizer: "generator",
              unit: "nats",
              terms: (batch, pass) => ({
                loss: generatorLoss(judged(discriminator, encoder.apply(batch.field("x"), pass), pass)),
              }),
            },
          ],
        },
      ],
    };
  },
});
