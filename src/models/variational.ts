import { type Field, vector } from "../data/dataset.ts";
import type { Layer } from "../nn/layers.ts";
import type { Pass } from "../nn/pass.ts";
import type { ScheduleDescription } from "../nn/schedules.ts";
import type { Node } from "../node/node.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { schedule } from "../ops/leaf.ts";
import { klStandardNormal, reparameterise } from "../ops/loss.ts";
import { normal } from "../ops/noise.ts";
import { sum } from "../ops/reduce.ts";
import { sliceAxis } from "../ops/shape.ts";
import { flat, perExample, shapedAs, withClass } from "./examples.ts";
import { type LikelihoodName, likelihoods } from "./likelihood.ts";
import { autoencoder, type Model, type Use } from "./model.ts";

export interface VariationalParts {
  /** What an example is. */
  readonly x: Field;
  /** Its class, where encoder and decoder are told: they get it as `label.classes` ones and zeros behind their input. */
  readonly label?: Field & { readonly classes: number };
  /** Numbers in a code. */
  readonly latent: number;
  readonly likelihood: LikelihoodName;
  /** The weight of the KL term; 1 unless given. */
  readonly klWeight?: ScheduleDescription;
  /** [rows, ...shape] → mean and log-variance side by side, [rows, 2 · latent] */
  readonly encoder: Layer;
  /** [rows, latent] → logits or means, [rows, ...] */
  readonly decoder: Layer;
}

/**
 * A variational autoencoder around an encoder and a decoder (Kingma & Welling 2013): a normal posterior with a diagonal
 * covariance, a standard normal prior, and the loss −ELBO = reconstruction + klWeight · KL in nats an example.
 */
export function variational(parts: VariationalParts): Model {
  const { x: field, label, latent, likelihood, klWeight = 1, encoder, decoder } = parts;
  const { error, mean: meanOf } = likelihoods[likelihood];
  const told = (input: Node, given: Node | undefined) => (label ? withClass(input, given!, label.classes) : input);
  const posterior = (x: Node, given: Node | undefined, pass: Pass) => {
    const both = encoder.apply(told(x, given), pass);
    return { mean: sliceAxis(both, 1, 0, latent), logVariance: sliceAxis(both, 1, latent, 2 * latent) };
  };
  const decoded = (z: Node, given: Node | undefined, pass: Pass) =>
    shapedAs(meanOf(decoder.apply(told(z, given), pass)), field);

  const beside: Record<string, Field> = label ? { label } : {};
  const code = vector(latent);
  const uses: Record<string, Use> = {
    sample: {
      from: beside,
      to: field,
      apply: (given, pass) => decoded(normal(pass.noise("sampled codes"), [pass.rows, latent]), given.label, pass),
    },
    encode: { from: { x: field, ...beside }, to: code, apply: ({ x, label }, pass) => posterior(x, label, pass).mean },
    decode: { from: { code, ...beside }, to: field, apply: ({ code, label }, pass) => decoded(code, label, pass) },
    reconstruct: {
      from: { x: field, ...beside },
      to: field,
      apply: ({ x, label }, pass) => decoded(posterior(x, label, pass).mean, label, pass),
    },
  };
  return autoencoder({
    fields: { x: field, ...beside },
    parameters: [...encoder.parameters, ...decoder.parameters],
    schedules: { klWeight },
    unit: "nats",
    terms: (batch, pass) => {
      const x = batch.field("x");
      const given = label && batch.field("label");
      const { mean, logVariance } = posterior(x, given, pass);
      const z = reparameterise(mean, logVariance, normal(pass.noise("epsilon"), mean.shape));
      const output = decoder.apply(told(z, given), pass);
      const reconstruction = perExample(error(flat(output), flat(x)));
      const kl = sum(klStandardNormal(mean, logVariance), { axes: [1] });
      return { loss: add(reconstruction, mul(schedule("klWeight"), kl)), reconstruction, kl };
    },
    uses,
  });
}
