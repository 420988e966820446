import { type Field, vector } from "../data/dataset.ts";
import type { Layer } from "../nn/layers.ts";
import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { type ReconstructionErrorName, reconstructionErrors } from "./error.ts";
import { flat, perExample, shapedAs } from "./examples.ts";
import { declared, type ExtraTerms, withExtras } from "./extra-terms.ts";
import { autoencoder, type Batch, type Model, type Use } from "./model.ts";

/** What the extra terms of a plain autoencoder are made of. */
export interface PlainSeen {
  /** [rows, ...shape]: the examples. */
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
  /** [rows, ...shape] → the code, [rows, latent] */
  readonly encoder: Layer;
  /** [rows, latent] → numbers or logits, [rows, ...] */
  readonly decoder: Layer;
  /** What the encoder is given of x in training: x itself unless given. The target is always x. */
  readonly corrupt?: (x: Node, pass: Pass) => Node;
  /** Terms beside the error, such as a penalty on the codes. */
  readonly extras?: ExtraTerms<PlainSeen>;
  /** Schedules that the layers read. */
  readonly schedules?: Model["schedules"];
}

/** An autoencoder without a distribution: encoder, decoder, and the error of what comes out. */
export function plain(parts: PlainParts): Model {
  const { x: field, latent, code = vector(latent), loss, encoder, decoder, corrupt, extras = {} } = parts;
  const { error, decoded, unit } = reconstructionErrors[loss];
  const draw = (z: Node, pass: Pass) => shapedAs(decoded(decoder.apply(z, pass)), field);
  const { schedules, units } = declared(extras);
  const uses: Record<string, Use> = {
    encode: { from: { x: field }, to: code, apply: ({ x }, pass) => encoder.apply(x, pass) },
    decode: { from: { code }, to: field, apply: ({ code }, pass) => draw(code, pass) },
    reconstruct: { from: { x: field }, to: field, apply: ({ x }, pass) => draw(encoder.apply(x, pass), pass) },
    ...(corrupt && { corrupt: { from: { x: field }, to: field, apply: ({ x }, pass) => corrupt(x, pass) } }),
  };
  return autoencoder({
    fields: { x: field },
    parameters: [...encoder.parameters, ...decoder.parameters],
    schedules: { ...parts.schedules, ...schedules },
    unit,
    units,
    terms: (batch, pass) => {
      const x = batch.field("x");
      const code = encoder.apply(corrupt ? corrupt(x, pass) : x, pass);
      const output = flat(decoder.apply(code, pass));
      const reconstruction = perExample(error(output, flat(x)));
      if (Object.keys(extras).length === 0) return { loss: reconstruction };
      return withExtras({ loss: reconstruction, reconstruction }, extras, { x, code, output, batch, pass });
    },
    uses,
  });
}
