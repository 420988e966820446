import type { Node } from "../node/node.ts";
import { add, mul, neg } from "../ops/arithmetic.ts";
import { schedule } from "../ops/leaf.ts";
import { mean, sum } from "../ops/reduce.ts";
import { reshape } from "../ops/shape.ts";
import { binarisations } from "./binarisation.ts";
import { divergenceSchedules, penalty } from "./divergence.ts";
import { rangeOfData } from "./error.ts";
import { declared, withExtras } from "./extra-terms.ts";
import { logMeanExp } from "./importance.ts";
import { latentVariable } from "./latent-variable.ts";
import { autoencoder, type Model } from "./model.ts";
import { checkParts, isClosed, type VariationalParts } from "./variational-parts.ts";
import { variationalUses } from "./variational-uses.ts";

/**
 * A variational autoencoder around an encoder and a decoder (Kingma & Welling 2013): by default a normal posterior with a
 * diagonal covariance, a standard normal prior, and the loss −ELBO = reconstruction + klWeight · KL in nats an example.
 * With `samples` above 1 the loss is the importance-weighted bound of Burda et al. 2016 (https://arxiv.org/abs/1509.00519).
 * Throws ReparamError "config" for parts that do not go together.
 */
export function variational(parts: VariationalParts): Model {
  checkParts(parts);
  const { x: field, label, klWeight = 1, samples = 1, extras = {} } = parts;
  const closed = isClosed(parts);
  const observed = binarisations[parts.binarisation ?? "off"];
  const latent = latentVariable(parts);
  const { scaling } = latent;
  const weighed = (kl: Node) => (klWeight === null ? 0 : mul(schedule("klWeight"), kl));
  const { schedules, units } = declared(extras);
  return autoencoder({
    fields: { x: field, ...(label && { label }) },
    ...rangeOfData(latent.likelihood, parts.scaling),
    parameters: latent.parameters,
    schedules: { ...(klWeight !== null && { klWeight }), ...divergenceSchedules(parts), ...schedules },
    unit: "nats",
    units,
    terms: (batch, pass) => {
      const x = scaling.apply(observed(batch.field("x"), pass));
      const found = latent.drawn(x, label && batch.field("label"), samples, pass);
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
    uses: variationalUses(parts, latent),
  });
}

/** Of neighbours that belong together, the mean: [rows · times] → [rows]. */
const meanOf = (numbers: Node, times: number) =>
  mean(reshape(numbers, [numbers.shape[0] / times, times]), { axes: [1] });
