import { type Field, vector } from "../data/dataset.ts";
import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { add, neg, sub } from "../ops/arithmetic.ts";
import { concat, reshape } from "../ops/shape.ts";
import { binarisations } from "./binarisation.ts";
import { IMPORTANCE_SAMPLES, logMeanExp } from "./importance.ts";
import type { LatentVariable } from "./latent-variable.ts";
import type { Use } from "./model.ts";
import { posteriors } from "./posterior.ts";
import type { VariationalParts } from "./variational-parts.ts";

/** What a trained variational autoencoder is for. With a flow the posterior is none that a mean and a covariance would say. */
export function variationalUses(parts: VariationalParts, of: LatentVariable): Readonly<Record<string, Use>> {
  const { x: field, label, latent, flow, binarisation } = parts;
  const { scaling, prior, infer, decoded, drawn } = of;
  const beside: Record<string, Field> = label ? { label } : {};
  const example = { x: field, ...beside };
  const code = vector(latent);
  const codeOf = (x: Node, given: Node | undefined, pass: Pass) => infer(x, given, pass).code(pass);
  const posterior: Use = {
    from: example,
    to: {
      kind: "vector",
      shape: [1 + posteriors[parts.posterior ?? "logVariance"].factorRows(latent), latent],
      store: "f32",
    },
    apply: ({ x, label }, pass) => {
      const { mean, factor } = infer(x, label, pass).posterior;
      return concat([reshape(mean, [pass.rows, 1, latent]), factor], 1);
    },
  };
  return {
    sample: { from: beside, to: field, apply: (given, pass) => decoded(prior.draw(pass), given.label, pass) },
    encode: { from: example, to: code, apply: ({ x, label }, pass) => codeOf(x, label, pass) },
    decode: { from: { code, ...beside }, to: field, apply: ({ code, label }, pass) => decoded(code, label, pass) },
    reconstruct: {
      from: example,
      to: field,
      apply: ({ x, label }, pass) => decoded(codeOf(x, label, pass), label, pass),
    },
    ...(binarisation === "dynamic" && {
      binarise: { from: { x: field }, to: field, apply: ({ x }, pass) => binarisations[binarisation](x, pass) },
    }),
    ...(!flow && { posterior }),
    // ln of the mean of so many importance weights: with other noise, another estimate of ln p(x), to be averaged with it.
    logLikelihood: {
      from: example,
      to: vector(1),
      apply: ({ x, label }, pass) => {
        const { reconstruction, kl } = drawn(scaling.apply(x), label, IMPORTANCE_SAMPLES, pass);
        const scaled = logMeanExp(neg(add(reconstruction, kl())), IMPORTANCE_SAMPLES);
        return reshape(scaling.logScale ? sub(scaled, scaling.logScale) : scaled, [pass.rows, 1]);
      },
    },
  };
}
