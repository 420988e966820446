import { type Field, vector } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Layer } from "../nn/layers.ts";
import type { Pass } from "../nn/pass.ts";
import { type ScalingName, scalings } from "../nn/scaling.ts";
import type { ScheduleDescription } from "../nn/schedules.ts";
import type { Node } from "../node/node.ts";
import { add, mul, neg, sub } from "../ops/arithmetic.ts";
import { schedule } from "../ops/leaf.ts";
import { mean, sum } from "../ops/reduce.ts";
import { concat, reshape } from "../ops/shape.ts";
import { type BinarisationName, binarisations } from "./binarisation.ts";
import { type DivergenceOptions, divergenceSchedules, penalty } from "./divergence.ts";
import { repeatRows, shapedAs, withClass } from "./examples.ts";
import { declared, type ExtraTerms, withExtras } from "./extra-terms.ts";
import { IMPORTANCE_SAMPLES, logMeanExp, repeatedPass } from "./importance.ts";
import { type Flow, inferred, type Prior, standardNormal } from "./inference.ts";
import { type LikelihoodName, likelihoods } from "./likelihood.ts";
import { autoencoder, type Batch, type Model, type Use } from "./model.ts";
import { type Posterior, type PosteriorName, posteriors } from "./posterior.ts";

/** What the extra terms of a variational autoencoder are made of. */
export interface VariationalSeen {
  /** [rows, ...shape]: the examples, scaled where the model scales them. */
  readonly x: Node;
  readonly posterior: Posterior;
  /** [rows, latent]: the codes that were drawn. */
  readonly z: Node;
  /** What the decoder makes of them. */
  readonly output: Node;
  readonly batch: Batch;
  readonly pass: Pass;
}

export interface VariationalParts extends DivergenceOptions {
  /** What an example is. */
  readonly x: Field;
  /** Its class, where encoder and decoder are told: they get it as `label.classes` ones and zeros behind their input. */
  readonly label?: Field & { readonly classes: number };
  /** Numbers in a code. */
  readonly latent: number;
  readonly likelihood: LikelihoodName;
  /** The standard deviation of likelihood "gaussian"; 1 unless given. */
  readonly sigma?: number;
  /** What encoder and likelihood are given of x in training and evaluation; "off" unless given. */
  readonly binarisation?: BinarisationName;
  /**
   * How examples are scaled by those of the training: layers, likelihood and loss see scaled ones, uses take and give the data's
   * own, and `logLikelihood` is of these. "none" unless given.
   */
  readonly scaling?: ScalingName;
  /** "logVariance" unless given. */
  readonly posterior?: PosteriorName;
  /** What makes the posterior more than a normal one. */
  readonly flow?: Flow;
  /** A standard normal one unless given; it may use the encoder. */
  readonly prior?: (posterior: (x: Node, pass: Pass) => Posterior) => Prior;
  /** How the KL divergence is known: in closed form, or by the code that was drawn, as it is with a flow or another prior. */
  readonly divergence?: "analytic" | "monteCarlo";
  /** Codes drawn for each example: above 1 the loss is the importance-weighted bound. 1 unless given. */
  readonly samples?: number;
  /** The weight of the KL term; 1 unless given, and null where the term is only measured. */
  readonly klWeight?: ScheduleDescription | null;
  /** [rows, ...shape] → what the posterior is read from: mean and log-variance side by side, [rows, 2 · latent], unless told */
  readonly encoder: Layer;
  /** [rows, latent] → what the likelihood is read from, [rows, ...]: logits or means, one for each number, unless told */
  readonly decoder: Layer;
  /** Terms beside the bound. */
  readonly extras?: ExtraTerms<VariationalSeen>;
}

/**
 * A variational autoencoder around an encoder and a decoder (Kingma & Welling 2013): by default a normal posterior with a
 * diagonal covariance, a standard normal prior, and the loss −ELBO = reconstruction + klWeight · KL in nats an example.
 * With `samples` above 1 the loss is the importance-weighted bound of Burda et al. 2016 (https://arxiv.org/abs/1509.00519).
 * Throws ReparamError "config" for parts that do not go together.
 */
export function variational(parts: VariationalParts): Model {
  const { x: field, label, latent, sigma = 1, klWeight = 1, samples = 1, encoder, decoder, flow, extras = {} } = parts;
  const kind = posteriors[parts.posterior ?? "logVariance"];
  const likelihood = likelihoods[parts.likelihood]({ x: field, sigma });
  const prior = parts.prior?.((x, pass) => kind.of(encoder.apply(x, pass), latent)) ?? standardNormal(latent);
  const closed = !flow && !parts.prior && parts.divergence !== "monteCarlo";
  checkBound(parts, closed);

  const observed = binarisations[parts.binarisation ?? "off"];
  const scaling = scalings[parts.scaling ?? "none"](field);
  const told = (input: Node, given: Node | undefined) => (label ? withClass(input, given!, label.classes) : input);
  const encode = (x: Node, given: Node | undefined, pass: Pass) => encoder.apply(told(x, given), pass);
  const infer = (encoded: Node) => inferred(encoded, { kind, latent, prior, flow });
  const inferOf = (x: Node, given: Node | undefined, pass: Pass) => infer(encode(scaling.apply(x), given, pass));
  const codeOf = (x: Node, given: Node | undefined, pass: Pass) => inferOf(x, given, pass).code(pass);
  const outputOf = (z: Node, given: Node | undefined, pass: Pass) => decoder.apply(told(z, given), pass);
  const decoded = (z: Node, given: Node | undefined, pass: Pass) =>
    scaling.undo(shapedAs(likelihood.mean(outputOf(z, given, pass)), field));

  /** The bound's two parts for so many codes of each example, [rows · times]; their sum is −ln p(x | z) p(z) / q(z | x). */
  const drawn = (x: Node, given: Node | undefined, times: number, pass: Pass) => {
    const encoded = encode(x, given, pass);
    if (times === 1) return partsOf(encoded, x, given, pass);
    const many = given && repeatRows(given, times);
    return partsOf(repeatRows(encoded, times), repeatRows(x, times), many, repeatedPass(pass, times));
  };
  const partsOf = (encoded: Node, x: Node, given: Node | undefined, pass: Pass) => {
    const inference = infer(encoded);
    const { posterior } = inference;
    const { z, logPosterior, logPrior } = inference.draw(pass);
    const output = outputOf(z, given, pass);
    const reconstruction = likelihood.nll(output, x, pass.weight);
    const kl = () => sub(logPosterior(), logPrior());
    return { posterior, z, output, reconstruction, kl };
  };

  const beside: Record<string, Field> = label ? { label } : {};
  const example = { x: field, ...beside };
  const code = vector(latent);
  // With a flow the posterior is none that a mean and a covariance would say.
  const posteriorUse: Use = {
    from: example,
    to: { kind: "vector", shape: [1 + kind.factorRows(latent), latent], store: "f32" },
    apply: ({ x, label }, pass) => {
      const { mean, factor } = inferOf(x, label, pass).posterior;
      return concat([reshape(mean, [pass.rows, 1, latent]), factor], 1);
    },
  };
  const uses: Record<string, Use> = {
    sample: { from: beside, to: field, apply: (given, pass) => decoded(prior.draw(pass), given.label, pass) },
    encode: { from: example, to: code, apply: ({ x, label }, pass) => codeOf(x, label, pass) },
    decode: { from: { code, ...beside }, to: field, apply: ({ code, label }, pass) => decoded(code, label, pass) },
    reconstruct: {
      from: example,
      to: field,
      apply: ({ x, label }, pass) => decoded(codeOf(x, label, pass), label, pass),
    },
    ...(parts.binarisation === "dynamic" && {
      binarise: { from: { x: field }, to: field, apply: ({ x }, pass) => observed(x, pass) },
    }),
    ...(!flow && { posterior: posteriorUse }),
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
  const weighed = (kl: Node) => (klWeight === null ? 0 : mul(schedule("klWeight"), kl));
  const { schedules, units } = declared(extras);
  return autoencoder({
    fields: example,
    parameters: [scaling, encoder, decoder, likelihood, prior, ...(flow ? [flow] : [])].flatMap(
      ({ parameters }) => parameters,
    ),
    schedules: { ...(klWeight !== null && { klWeight }), ...divergenceSchedules(parts), ...schedules },
    unit: "nats",
    units,
    terms: (batch, pass) => {
      const x = scaling.apply(observed(batch.field("x"), pass));
      const found = drawn(x, label && batch.field("label"), samples, pass);
      const { reconstruction, posterior } = found;
      if (samples > 1) {
        const kl = found.kl();
        const bound = logMeanExp(neg(add(reconstruction, weighed(kl))), samples);
        return { loss: neg(bound), reconstruction: meanOf(reconstruction, samples), kl: meanOf(kl, samples) };
      }
      const kl = closed ? sum(posterior.kl, { axes: [1] }) : found.kl();
      const penalised = penalty(parts, { kl, weight: batch.weight, ...(closed && { parts: posterior.kl }) });
      const loss = add(reconstruction, weighed(penalised));
      return withExtras({ loss, reconstruction, kl }, extras, { x, ...found, batch, pass });
    },
    uses,
  });
}

/** Of neighbours that belong together, the mean: [rows · times] → [rows]. */
const meanOf = (numbers: Node, times: number) =>
  mean(reshape(numbers, [numbers.shape[0] / times, times]), { axes: [1] });

/** Throws ReparamError "config" for penalties of a KL divergence that the bound does not have. */
function checkBound({ samples = 1, freeBits = 0, capacity, extras = {} }: VariationalParts, closed: boolean): void {
  const refuse = (sentence: string) => {
    throw new ReparamError("config", sentence);
  };
  const aimed = capacity !== undefined && capacity !== null;
  if (aimed && freeBits > 0) refuse("freeBits and capacity exclude each other: leave one out.");
  if (freeBits > 0 && !closed) refuse("freeBits needs a KL divergence in closed form: set it to 0.");
  if (samples > 1 && (aimed || freeBits > 0 || Object.keys(extras).length > 0)) {
    refuse(
      "An importance-weighted bound has no KL term: freeBits, capacity and extra terms go with samples of 1 only.",
    );
  }
}
