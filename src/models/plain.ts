import { type Field, vector } from "../data/dataset.ts";
import type { Layer } from "../nn/layers.ts";
import type { Pass } from "../nn/pass.ts";
import { type ScalingName, scalings } from "../nn/scaling.ts";
import type { Node } from "../node/node.ts";
import { mean } from "../ops/reduce.ts";
import { reshape } from "../ops/shape.ts";
import type { Corrupt } from "./corruption.ts";
import { type ReconstructionErrorName, rangeOfData, reconstructionErrors } from "./error.ts";
import { flat, perExample, shapedAs } from "./examples.ts";
import { declared, type ExtraTerms, withExtras } from "./extra-terms.ts";
import type { Prior } from "./inference.ts";
import { autoencoder, type Batch, type Model, type Use } from "./model.ts";

/** What the extra terms of a plain autoencoder are made of. */
export interface PlainSeen {
  /** [rows, ...shape]: the examples, scaled where the model scales them. */
  readonly x: Node;
  /** [rows, latent] */
  readonly code: Node;
  /** [rows, features]: numbers or logits. */
  readonly output: Node;
  readonly batch: Batch;
  readonly pass: Pass;
}

export interface PlainParts {
  /** What an example is. */
  readonly x: Field;
  /** Numbers in a code. */
  readonly latent: number;
  /** What they are, if no numbers of any kind. */
  readonly code?: Field;
  readonly loss: ReconstructionErrorName;
  /** How examples are scaled by those of the training: layers and error see scaled ones, uses take and give the data's own. "none" unless given. */
  readonly scaling?: ScalingName;
  /** [rows, ...shape] → the code, [rows, latent] */
  readonly encoder: Layer;
  /** [rows, latent] → numbers or logits, [rows, ...] */
  readonly decoder: Layer;
  /** What the encoder is given of x in training: x itself unless given. The target is always x. */
  readonly corrupt?: Corrupt;
  /** What codes are drawn from where new examples are wanted: with it the model has the use `sample`. */
  readonly prior?: Prior;
  /** Terms beside the error, such as a penalty on the codes. */
  readonly extras?: ExtraTerms<PlainSeen>;
  /** Schedules that the layers read. */
  readonly schedules?: Model["schedules"];
}

/** An autoencoder without a distribution: encoder, decoder, and the error of what comes out. */
export function plain(parts: PlainParts): Model {
  const { x: field, latent, code = vector(latent), loss, encoder, decoder, corrupt, prior, extras = {} } = parts;
  const { error, decoded, unit } = reconstructionErrors[loss];
  const scaling = scalings[parts.scaling ?? "none"](field);
  const encode = (x: Node, pass: Pass) => encoder.apply(scaling.apply(x), pass);
  const draw = (z: Node, pass: Pass) => scaling.undo(shapedAs(decoded(decoder.apply(z, pass)), field));
  const { schedules, units } = declared(extras);
  const from = { x: field };
  const uses: Record<string, Use> = {
    encode: { from, to: code, apply: ({ x }, pass) => encode(x, pass) },
    decode: { from: { code }, to: field, apply: ({ code }, pass) => draw(code, pass) },
    reconstruct: { from, to: field, apply: ({ x }, pass) => draw(encode(x, pass), pass) },
    ...(prior && { sample: { from: {}, to: field, apply: (_, pass) => draw(prior.draw(pass), pass) } }),
    // The mean error of an example's numbers: what the model has not learnt to redraw has much.
    score: {
      from,
      to: vector(1),
      apply: ({ x }, pass) => {
        const output = flat(decoder.apply(encode(x, pass), pass));
        return reshape(mean(error(output, flat(scaling.apply(x))), { axes: [1] }), [pass.rows, 1]);
      },
    },
    ...(corrupt && {
      corrupt: { from, to: field, apply: ({ x }, pass) => scaling.undo(corrupt.apply(scaling.apply(x), pass)) },
    }),
  };
  return autoencoder({
    fields: from,
    ...rangeOfData(reconstructionErrors[loss], parts.scaling),
    parameters: [...scaling.parameters, ...encoder.parameters, ...decoder.parameters],
    schedules: { ...parts.schedules, ...corrupt?.schedules, ...schedules },
    unit,
    units,
    terms: (batch, pass) => {
      const x = scaling.apply(batch.field("x"));
      const code = encoder.apply(corrupt ? corrupt.apply(x, pass) : x, pass);
      const output = flat(decoder.apply(code, pass));
      const reconstruction = perExample(error(output, flat(x)));
      if (Object.keys(extras).length === 0) return { loss: reconstruction };
      return withExtras({ loss: reconstruction, reconstruction }, extras, { x, code, output, batch, pass });
    },
    uses,
  });
}
