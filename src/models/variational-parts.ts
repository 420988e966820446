import type { Field } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Layer } from "../nn/layers.ts";
import type { Pass } from "../nn/pass.ts";
import type { ScalingName } from "../nn/scaling.ts";
import type { ScheduleDescription } from "../nn/schedules.ts";
import type { Node } from "../node/node.ts";
import type { BinarisationName } from "./binarisation.ts";
import type { DivergenceOptions } from "./divergence.ts";
import type { ExtraTerms } from "./extra-terms.ts";
import type { Flow, Prior } from "./inference.ts";
import type { LikelihoodName } from "./likelihood.ts";
import type { Batch } from "./model.ts";
import type { Posterior, PosteriorName } from "./posterior.ts";

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

/** The KL divergence has a closed form: the posterior is a normal one, and the prior the standard normal. */
export const isClosed = ({ flow, prior, divergence }: VariationalParts): boolean =>
  !flow && !prior && divergence !== "monteCarlo";

/** Throws ReparamError "config" for penalties of a KL divergence that the bound does not have. */
export function checkParts(parts: VariationalParts): void {
  const { samples = 1, freeBits = 0, capacity, extras = {} } = parts;
  const refuse = (sentence: string) => {
    throw new ReparamError("config", sentence);
  };
  const aimed = capacity !== undefined && capacity !== null;
  if (aimed && freeBits > 0) refuse("freeBits and capacity exclude each other: leave one out.");
  if (freeBits > 0 && !isClosed(parts)) refuse("freeBits needs a KL divergence in closed form: set it to 0.");
  if (samples > 1 && (aimed || freeBits > 0 || Object.keys(extras).length > 0)) {
    refuse(
      "An importance-weighted bound has no KL term: freeBits, capacity and extra terms go with samples of 1 only.",
    );
  }
}
