import type { Parameter } from "../nn/parameter.ts";
import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { sub } from "../ops/arithmetic.ts";
import { normal } from "../ops/noise.ts";
import { sliceAxis } from "../ops/shape.ts";
import { logDensityOf, logStandardNormal, type Posterior, type PosteriorKind } from "./posterior.ts";

/** What codes are before an example is seen. */
export interface Prior {
  readonly parameters: readonly Parameter[];
  /** ln p(z): [rows, latent] → [rows] */
  logDensity(z: Node, pass: Pass): Node;
  /** Codes drawn from it: [pass.rows, latent]. */
  draw(pass: Pass): Node;
}

/** An invertible function of codes that makes a posterior more than a normal one. */
export interface Flow {
  readonly parameters: readonly Parameter[];
  /** Numbers of each example that the encoder gives it, behind those of the posterior. */
  readonly context: number;
  /** z: [rows, latent], context: [rows, context] → codes, and ln |det ∂f/∂z|, [rows] */
  apply(z: Node, context: Node, pass: Pass): { readonly z: Node; readonly logDet: Node };
}

export const standardNormal = (latent: number): Prior => ({
  parameters: [],
  logDensity: (z) => logStandardNormal(z),
  draw: (pass) => normal(pass.noise("sampled codes"), [pass.rows, latent]),
});

/** Codes that were drawn for examples, [rows, latent], and how likely they were: [rows] each. */
interface Drawn {
  readonly z: Node;
  /** ln q(z | x) */
  logPosterior(): Node;
  /** ln p(z) */
  logPrior(): Node;
}

/** What an encoder says of an example's code. */
export interface Inference {
  readonly posterior: Posterior;
  /** The code that an example is best described by: the mean, through the flow. */
  code(pass: Pass): Node;
  draw(pass: Pass): Drawn;
}

interface InferenceParts {
  readonly kind: PosteriorKind;
  readonly latent: number;
  readonly prior: Prior;
  readonly flow?: Flow;
}

/** Reads what the encoder gives: [rows, kind.outputs(latent) + flow.context]. */
export function inferred(encoded: Node, { kind, latent, prior, flow }: InferenceParts): Inference {
  const own = kind.outputs(latent);
  const posterior = kind.of(flow ? sliceAxis(encoded, 1, 0, own) : encoded, latent);
  const through = (z: Node, pass: Pass): { readonly z: Node; readonly logDet?: Node } =>
    flow ? flow.apply(z, sliceAxis(encoded, 1, own, encoded.shape[1]), pass) : { z };
  return {
    posterior,
    code: (pass) => through(posterior.mean, pass).z,
    draw: (pass) => {
      const epsilon = normal(pass.noise("epsilon"), posterior.mean.shape);
      const { z, logDet } = through(posterior.draw(epsilon), pass);
      const density = () => logDensityOf(posterior, epsilon);
      return {
        z,
        logPosterior: () => (logDet ? sub(density(), logDet) : density()),
        logPrior: () => prior.logDensity(z, pass),
      };
    },
  };
}
