import { type Field, fieldSize, type Split, valuesOf } from "../data/dataset.ts";
import { drawFor } from "../nn/initializers.ts";
import type { Parameter } from "../nn/parameter.ts";
import { held, type Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { floor, mul, sub } from "../ops/arithmetic.ts";
import { gather } from "../ops/indexing.ts";
import { constant, parameter } from "../ops/leaf.ts";
import { reparameterise } from "../ops/loss.ts";
import { normal, uniform } from "../ops/noise.ts";
import { sum } from "../ops/reduce.ts";
import { logsumexp } from "../ops/softmax.ts";
import { denseOptions, denseParts } from "./dense-parts.ts";
import { family } from "./family.ts";
import type { Prior } from "./inference.ts";
import { choice, size, weight } from "./options.ts";
import { logDensitiesAmong, type Posterior } from "./posterior.ts";
import { variational } from "./variational.ts";
import { boundOptions, chosen, diagonalPosteriorOption } from "./variational-options.ts";

/** Where the pseudo-inputs of a prior begin. */
const starts = ["examples", "grey"] as const;

interface VampPriorParts {
  readonly x: Field;
  /** How many pseudo-inputs there are. */
  readonly components: number;
  readonly start: (typeof starts)[number];
  /** [rows, ...x.shape] → the diagonal posterior of each */
  readonly posterior: (x: Node, pass: Pass) => Posterior;
}

/**
 * A mixture, in equal parts, of the posteriors of so many trained pseudo-inputs: what codes of examples are like.
 */
export function vampPrior({ x: field, components, start, posterior }: VampPriorParts): Prior {
  const shape = [components, ...field.shape];
  const name = "prior.inputs";
  const inputs: Parameter = {
    name,
    shape,
    node: parameter(name, shape),
    trained: true,
    initialize: (seed) => {
      const { normal } = drawFor(name, seed, { shape, fanIn: 1, fanOut: 1 });
      return Float32Array.from({ length: components * fieldSize(field) }, (_, k) => 0.5 + 0.05 * normal(k));
    },
    ...(start === "examples" && { fit: (examples, fields) => spread(examples, fields.x, components) }),
  };
  const mixed = (pass: Pass) =>
    posterior(inputs.node, { ...held(pass), rows: components, weight: constant(1, [components]) });
  return {
    parameters: [inputs],
    logDensity: (z, pass) => {
      const each = sum(logDensitiesAmong(z, mixed(pass)), { axes: [2] });
      return sub(logsumexp(each, 1), Math.log(components));
    },
    draw: (pass) => {
      const { mean, logVariance } = mixed(pass);
      const component = floor(mul(components, uniform(pass.noise("component"), [pass.rows])));
      const epsilon = normal(pass.noise("sampled codes"), [pass.rows, mean.shape[1]]);
      return reparameterise(gather(mean, component), gather(logVariance, component), epsilon);
    },
  };
}

/** So many examples at equal distances: values, [times, ...shape]. */
function spread({ count, values }: Split, field: Field, times: number): Float32Array {
  const width = fieldSize(field);
  const result = new Float32Array(times * width);
  for (let k = 0; k < times; k++) {
    const row = Math.floor((k * count) / times);
    result.set(valuesOf(values.x.subarray(row * width, (row + 1) * width), field), k * width);
  }
  return result;
}

/** Variational autoencoder whose prior is a mixture of its own posteriors. */
export const vampPriorVae = family({
  name: "vampprior-vae",
  title: "VampPrior variational",
  purpose: "sample",
  summary: "variational autoencoder whose prior is a mixture of the posteriors of trained inputs",
  words:
    "Learns a set of made-up pictures, and new codes are drawn near theirs. So the codes need not press together around one point.",
  formula: "−E[ln p(x | z)] + klWeight · E[ln q(z | x) − ln (1/K) Σₖ q(z | uₖ)], trained inputs uₖ",
  source: "Tomczak and Welling 2018, https://arxiv.org/abs/1705.07120",
  reads: ["x"],
  options: {
    ...denseOptions({ hidden: [300, 300], latent: 40 }),
    components: size(100, "trained inputs, whose posteriors are mixed"),
    start: choice(starts, "examples", "what they are at first: training examples, or values around 0.5"),
    ...boundOptions,
    posterior: diagonalPosteriorOption,
    klWeight: weight(
      { name: "linear", to: 1, steps: 2000 },
      "weight of the KL term: it rises, as in the paper, since this prior is quick to follow codes that say nothing",
    ),
  },
  presets: { "vampprior-vae": { summary: "784-300-300-40, Bernoulli pixels, a mixture of 100" } },
  build: ({ hidden, latent, activation, initializer, components, start, ...choices }, { fields: { x } }) => {
    const { parts, encoded, decoded } = chosen(x, latent, choices);
    return variational({
      ...parts,
      ...denseParts(x, { hidden, latent, encoded, decoded, activation, initializer }),
      prior: (posterior) => vampPrior({ x, components, start, posterior }),
    });
  },
});
