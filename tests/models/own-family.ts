import { abs, family, fieldSize, layers, options, perExample, plain } from "../../src/index.ts";

const { dense, flatten, sequence } = layers;

export const shallowAe = family({
  name: "shallow-ae",
  summary: "autoencoder of one layer whose codes are small",
  words: "One layer in, one layer out. Numbers of a code that are not needed stay near zero.",
  formula: "Σ (x − decode(encode(x)))² + shrinkageWeight · Σ |code|",
  source: "Hinton and Salakhutdinov 2006, https://doi.org/10.1126/science.1127647",
  reads: ["x"],
  options: {
    latent: options.size(32, "numbers in the code"),
    shrinkageWeight: options.weight(0.01, "weight of the size of the codes"),
  },
  presets: { "shallow-ae": { summary: "784-32" } },
  build: ({ latent, shrinkageWeight }, { fields: { x } }) =>
    plain({
      x,
      latent,
      loss: "squared",
      encoder: sequence([flatten(), dense("encoder", fieldSize(x), latent)]),
      decoder: dense("decoder", latent, fieldSize(x)),
      extras: { shrinkage: { weight: shrinkageWeight, unit: "", of: ({ code }) => perExample(abs(code)) } },
    }),
});
