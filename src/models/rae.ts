import type { Node } from "../node/node.ts";
import { mul, square } from "../ops/arithmetic.ts";
import { denseParts, plainOptions } from "./dense-parts.ts";
import { reconstructionErrors } from "./error.ts";
import { flat, perExample } from "./examples.ts";
import { family } from "./family.ts";
import { estimatedJacobian } from "./jacobian.ts";
import { choice, weight } from "./options.ts";
import { plain } from "./plain.ts";
import { squaredWeights } from "./weight-decay.ts";

interface Regularised {
  /** The decoder's weights: [inputs, outputs] each. */
  readonly parameters: Parameters<typeof squaredWeights>[0];
  /** [rows, latent] → what is redrawn, [rows, features] */
  readonly decode: (code: Node) => Node;
  readonly code: Node;
  readonly noise: () => string;
}

/** What keeps a decoder smooth: small weights, or small derivatives where the codes are, along a random direction. */
const regularisations = {
  weights: ({ parameters }) => squaredWeights(parameters),
  gradient: ({ decode, code, noise }) => estimatedJacobian(decode, code, 1, noise),
} as const satisfies Record<string, (decoder: Regularised) => Node>;

/**
 * Regularised autoencoder: what noise does in a variational one, small codes and a smooth decoder, by terms of the loss. It
 * has no prior; what its codes are like is found afterwards, by a mixture that is fitted to them.
 */
export const rae = family({
  name: "rae",
  title: "Regularised",
  purpose: "sample",
  summary: "autoencoder with small codes and a smooth decoder, from which a mixture of its codes draws",
  words:
    "Redraws pictures without any noise, from codes that stay small, by a pen that moves smoothly. Then a look at where the codes lie is enough to draw new ones.",
  formula:
    "error(x, decode(z)) + codeWeight · ½ ‖z‖² + decoderWeight · (Σ weights², or ‖∂decode(z)/∂z‖²), z = encode(x)",
  source: "Ghosh, Sajjadi, Vergari, Black and Schölkopf 2020, https://arxiv.org/abs/1903.12436",
  reads: ["x"],
  options: {
    ...plainOptions({ hidden: [512, 256], latent: 16 }),
    codeWeight: weight(0.1, "weight of half the sum of the squares of a code"),
    regularisation: choice(
      regularisations,
      "weights",
      "what keeps the decoder smooth: the squares of its weights, or of its gradient at the codes",
    ),
    decoderWeight: weight(0.01, "weight of that"),
  },
  presets: {
    rae: { summary: "784-512-256-16, squares of the decoder's weights; draws by `sample --from mixture`" },
    "rae-gradient": {
      summary: "the same with the squares of the decoder's gradient",
      options: { regularisation: "gradient" },
    },
  },
  build: ({ hidden, latent, loss, codeWeight, regularisation, decoderWeight, ...common }, { fields: { x } }) => {
    const { encoder, decoder } = denseParts(x, { hidden, latent, ...common });
    return plain({
      x,
      latent,
      loss,
      encoder,
      decoder,
      extras: {
        code: { weight: codeWeight, unit: "", of: ({ code }) => perExample(mul(0.5, square(code))) },
        decoder: {
          weight: decoderWeight,
          unit: "",
          of: ({ code, pass }) =>
            regularisations[regularisation]({
              parameters: decoder.parameters,
              decode: (z) => flat(reconstructionErrors[loss].decoded(decoder.apply(z, pass))),
              code,
              noise: () => pass.noise("direction"),
            }),
        },
      },
    });
  },
});
