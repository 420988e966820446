import { type Field, vector } from "../data/dataset.ts";
import type { Layer } from "../nn/layers.ts";
import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { type ReconstructionErrorName, reconstructionErrors } from "./error.ts";
import { flat, perExample, shapedAs } from "./examples.ts";
import { autoencoder, type Model, type Use } from "./model.ts";

export interface PlainParts {
  /** What an example is. */
  readonly x: Field;
  /** Numbers in a code. */
  readonly latent: number;
  readonly loss: ReconstructionErrorName;
  /** [rows, ...shape] → the code, [rows, latent] */
  readonly encoder: Layer;
  /** [rows, latent] → numbers or logits, [rows, ...] */
  readonly decoder: Layer;
  /** What the encoder is given of x in training: x itself unless given. The target is always x. */
  readonly corrupt?: (x: Node, pass: Pass) => Node;
}

/** An autoencoder without a distribution: encoder, decoder, and the error of what comes out. */
export function plain({ x: field, latent, loss, encoder, decoder, corrupt }: PlainParts): Model {
  const { error, decoded, unit } = reconstructionErrors[loss];
  const draw = (z: Node, pass: Pass) => shapedAs(decoded(decoder.apply(z, pass)), field);
  const code = vector(latent);
  const uses: Record<string, Use> = {
    encode: { from: { x: field }, to: code, apply: ({ x }, pass) => encoder.apply(x, pass) },
    decode: { from: { code }, to: field, apply: ({ code }, pass) => draw(code, pass) },
    reconstruct: { from: { x: field }, to: field, apply: ({ x }, pass) => draw(encoder.apply(x, pass), pass) },
    ...(corrupt && { corrupt: { from: { x: field }, to: field, apply: ({ x }, pass) => corrupt(x, pass) } }),
  };
  return autoencoder({
    fields: { x: field },
    parameters: [...encoder.parameters, ...decoder.parameters],
    unit,
    terms: (batch, pass) => {
      const x = batch.field("x");
      const output = decoder.apply(encoder.apply(corrupt ? corrupt(x, pass) : x, pass), pass);
      return { loss: perExample(error(flat(output), flat(x))) };
    },
    uses,
  });
}
