import type { Parameter } from "../nn/parameter.ts";
import type { Pass } from "../nn/pass.ts";
import { type Scaling, scalings } from "../nn/scaling.ts";
import type { Node } from "../node/node.ts";
import { sub } from "../ops/arithmetic.ts";
import { repeatRows, shapedAs, withClass } from "./examples.ts";
import { repeatedPass } from "./importance.ts";
import { type Inference, inferred, type Prior, standardNormal } from "./inference.ts";
import { type Likelihood, likelihoods } from "./likelihood.ts";
import { type Posterior, posteriors } from "./posterior.ts";
import type { VariationalParts } from "./variational-parts.ts";

/** What was drawn for examples, and the two parts of their bound; with several codes of each, a row a code. */
export interface Evidence {
  readonly posterior: Posterior;
  /** [rows, latent] */
  readonly z: Node;
  /** What the decoder makes of them: [rows, ...]. */
  readonly output: Node;
  /** −ln p(x | z): [rows] */
  readonly reconstruction: Node;
  /** ln q(z | x) − ln p(z): [rows] */
  kl(): Node;
}

/**
 * Codes behind examples, as encoder, prior, decoder and likelihood have them. `given` is the class of each example, where the
 * model is told: [rows].
 */
export interface LatentVariable {
  readonly parameters: readonly Parameter[];
  readonly scaling: Scaling;
  readonly likelihood: Likelihood;
  readonly prior: Prior;
  /** What is said of the code of an example in the data's own numbers: x, [rows, ...shape]. */
  infer(x: Node, given: Node | undefined, pass: Pass): Inference;
  /** A code, [rows, latent], as an example in the data's own numbers. */
  decoded(z: Node, given: Node | undefined, pass: Pass): Node;
  /** Draws so many codes for each of the scaled examples, [rows, ...shape]; a row of the evidence each, neighbours of one example. */
  drawn(x: Node, given: Node | undefined, times: number, pass: Pass): Evidence;
}

export function latentVariable(parts: VariationalParts): LatentVariable {
  const { x: field, label, latent, sigma = 1, encoder, decoder, flow } = parts;
  const kind = posteriors[parts.posterior ?? "logVariance"];
  const likelihood = likelihoods[parts.likelihood]({ x: field, sigma });
  const prior = parts.prior?.((x, pass) => kind.of(encoder.apply(x, pass), latent)) ?? standardNormal(latent);
  const scaling = scalings[parts.scaling ?? "none"](field);
  const told = (input: Node, given: Node | undefined) => (label ? withClass(input, given!, label.classes) : input);
  const encode = (x: Node, given: Node | undefined, pass: Pass) => encoder.apply(told(x, given), pass);
  const inferOf = (encoded: Node) => inferred(encoded, { kind, latent, prior, flow });
  const outputOf = (z: Node, given: Node | undefined, pass: Pass) => decoder.apply(told(z, given), pass);

  const evidence = (encoded: Node, x: Node, given: Node | undefined, pass: Pass): Evidence => {
    const inference = inferOf(encoded);
    const { posterior } = inference;
    const { z, logPosterior, logPrior } = inference.draw(pass);
    const output = outputOf(z, given, pass);
    const reconstruction = likelihood.nll(output, x, pass.weight);
    return { posterior, z, output, reconstruction, kl: () => sub(logPosterior(), logPrior()) };
  };

  return {
    parameters: [scaling, encoder, decoder, likelihood, prior, ...(flow ? [flow] : [])].flatMap(
      ({ parameters }) => parameters,
    ),
    scaling,
    likelihood,
    prior,
    infer: (x, given, pass) => inferOf(encode(scaling.apply(x), given, pass)),
    decoded: (z, given, pass) => scaling.undo(shapedAs(likelihood.mean(outputOf(z, given, pass)), field)),
    drawn: (x, given, times, pass) => {
      const encoded = encode(x, given, pass);
      if (times === 1) return evidence(encoded, x, given, pass);
      const many = given && repeatRows(given, times);
      return evidence(repeatRows(encoded, times), repeatRows(x, times), many, repeatedPass(pass, times));
    },
  };
}
