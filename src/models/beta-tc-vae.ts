import { ReparamError } from "../errors.ts";
import type { Node } from "../node/node.ts";
import { add, log, mul, sub } from "../ops/arithmetic.ts";
import { sum } from "../ops/reduce.ts";
import { reshape } from "../ops/shape.ts";
import { logsumexp } from "../ops/softmax.ts";
import { denseOptions, denseParts } from "./dense-parts.ts";
import type { ExtraTerm } from "./extra-terms.ts";
import { family } from "./family.ts";
import { weight } from "./options.ts";
import { logDensitiesAmong, logNormal, logStandardNormal, type Posterior } from "./posterior.ts";
import { variational } from "./variational.ts";
import { boundOptions, chosen, diagonalPosteriorOption } from "./variational-options.ts";
import type { VariationalSeen } from "./variational-parts.ts";

interface Codes {
  /** [rows, latent]: a code drawn from the posterior of each row. */
  readonly z: Node;
  readonly posterior: Pick<Posterior, "mean" | "logVariance">;
  /** [rows]: 0 past the end of a ragged batch. */
  readonly weight: Node;
  /** Training examples in all. */
  readonly count: number;
}

/**
 * The KL divergence from a standard normal prior in three parts, [rows] each: how much a code says of its example, how far its
 * numbers are from independent of each other, and how far each of them is from its prior. How likely codes are over all
 * examples is estimated from the batch alone, by minibatch-weighted sampling: ln q(z) ≈ ln Σⱼ q(z | xⱼ) − ln (count · batch).
 */
export function klInThree({ z, posterior, weight, count }: Codes) {
  const { mean, logVariance } = posterior;
  const rows = z.shape[0];
  // Rows that do not count are as good as impossible.
  const missing = mul(1e30, sub(weight, 1));
  const among = add(logDensitiesAmong(z, posterior), reshape(missing, [1, rows, 1]));
  const share = log(mul(count, sum(weight)));
  const ofCode = sub(logsumexp(sum(among, { axes: [2] }), 1), share);
  const ofNumbers = sum(sub(logsumexp(among, 1), share), { axes: [1] });
  const ofExample = sum(logNormal(z, mean, logVariance), { axes: [1] });
  return {
    mutualInformation: sub(ofExample, ofCode),
    totalCorrelation: sub(ofCode, ofNumbers),
    dimensionWiseKl: sub(ofNumbers, logStandardNormal(z)),
  };
}

const { klWeight: _, ...observed } = boundOptions;

/** β-TC-VAE: a variational autoencoder whose KL term is taken apart, and of which the total correlation weighs most. */
export const betaTcVae = family({
  name: "beta-tc-vae",
  title: "β-TC variational",
  purpose: "sample",
  summary: "variational autoencoder that keeps the numbers of a code independent of each other, by a weight of its own",
  words:
    "Asks each number of a code to say something that the others do not. Then one of them may be the slant, and another the width.",
  formula:
    "−E[ln p(x | z)] + mutualInformationWeight · I(x; z) + totalCorrelationWeight · KL(q(z) ‖ Πⱼ q(zⱼ)) + dimensionWiseKlWeight · Σⱼ KL(q(zⱼ) ‖ N(0, 1))",
  source: "Chen, Li, Grosse and Duvenaud 2018, https://arxiv.org/abs/1802.04942",
  reads: ["x"],
  options: {
    ...denseOptions({ hidden: [400], latent: 10, initializer: "he" }),
    mutualInformationWeight: weight(1, "weight of what a code says of its example"),
    totalCorrelationWeight: weight(
      6,
      "weight of how far the numbers of a code are from independent: the β of the paper",
    ),
    dimensionWiseKlWeight: weight(1, "weight of how far each number of a code is from its prior"),
    ...observed,
    posterior: diagonalPosteriorOption,
  },
  presets: { "beta-tc-vae": { summary: "784-400-10, Bernoulli pixels, β of 6" } },
  training: { batchSize: 256 },
  build: ({ hidden, latent, activation, initializer, ...options }, { fields: { x }, count }) => {
    const { mutualInformationWeight, totalCorrelationWeight, dimensionWiseKlWeight, ...choices } = options;
    const { parts, encoded, decoded } = chosen(x, latent, choices);
    const apart = once(({ z, posterior, batch }: VariationalSeen) => {
      if (count !== undefined) return klInThree({ z, posterior, weight: batch.weight, count });
      const sentence = "beta-tc-vae asks how many training examples there are: give `data` instead of `input`.";
      throw new ReparamError("config", sentence);
    });
    const part = (name: keyof ReturnType<typeof apart>, weight: ExtraTerm<VariationalSeen>["weight"]) => ({
      [name]: { weight, unit: "nats", of: (seen: VariationalSeen) => apart(seen)[name] },
    });
    return variational({
      ...parts,
      klWeight: null,
      ...denseParts(x, { hidden, latent, encoded, decoded, activation, initializer }),
      extras: {
        ...part("mutualInformation", mutualInformationWeight),
        ...part("totalCorrelation", totalCorrelationWeight),
        ...part("dimensionWiseKl", dimensionWiseKlWeight),
      },
    });
  },
});

/** A function that is computed once for each argument: its gradients then go through one graph. */
function once<A extends object, R>(of: (argument: A) => R): (argument: A) => R {
  const known = new WeakMap<A, R>();
  return (argument) => {
    if (!known.has(argument)) known.set(argument, of(argument));
    return known.get(argument)!;
  };
}
