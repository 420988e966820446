import { denseOptions, denseParts } from "./dense-parts.ts";
import { family } from "./family.ts";
import { choice, scalingOption, weight } from "./options.ts";
import { variational } from "./variational.ts";
import { chosen, variationalOptions } from "./variational-options.ts";

const { likelihood, binarisation: _, ...others } = variationalOptions;

/** What a column of real numbers is given the decoder's output. */
const gaussians = ["gaussianCalibrated", "gaussian", "gaussianShared", "gaussianEach", "gaussianDecoded"] as const;

/**
 * Variational autoencoder for tables of many columns and few rows, such as gene expression: columns are standardised within the
 * model, and the standard deviation of what is left follows from the batch's error (Rybkin, Daniilidis and Levine 2021).
 */
export const expressionVae = family({
  name: "expression-vae",
  title: "Expression",
  purpose: "other",
  summary: "variational autoencoder of tables with thousands of columns, which it standardises itself",
  words:
    "Takes each row of a wide table for a small cloud of codes. Rows that are alike lie together, and the places between them are rows that might be.",
  formula: "D/2 · ln MSE + klWeight · KL(q(z | x) ‖ N(0, 1)), of D standardised columns",
  source: "Rybkin, Daniilidis and Levine 2021, https://arxiv.org/abs/2006.13202",
  reads: ["x"],
  options: {
    ...denseOptions({ hidden: [2048], latent: 32, initializer: "glorot" }),
    scaling: scalingOption("standard"),
    likelihood: choice(gaussians, "gaussianCalibrated", likelihood.help),
    ...others,
    klWeight: weight(
      { name: "linear", steps: 1000 },
      "weight of the KL term, which rises from 0: a number or a schedule",
    ),
  },
  presets: {
    "expression-vae": {
      summary:
        "a hidden layer of 2048, a code of 32, calibrated Gaussian columns, KL annealing; on the expression table",
      data: { name: "expression" },
    },
  },
  training: { epochs: 50, batchSize: 8, optimizer: { learningRate: 1e-4 } },
  build: ({ hidden, latent, activation, initializer, scaling, ...choices }, { fields: { x } }) => {
    const { parts, encoded, decoded } = chosen(x, latent, choices);
    return variational({
      ...parts,
      scaling,
      ...denseParts(x, { hidden, latent, encoded, decoded, activation, initializer }),
    });
  },
});
