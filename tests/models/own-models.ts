import {
  abs,
  add,
  autoencoder,
  bceWithLogits,
  flat,
  type Layer,
  layers,
  type Model,
  mul,
  parameter,
  perExample,
  pixels,
  shapedAs,
  sigmoid,
  variational,
  vector,
} from "../../src/index.ts";

const { activation, batchNorm, conv, convTranspose, dense, dropout, flatten, reshape, sequence } = layers;

/** A variational autoencoder around an encoder and a decoder. */
export function smallConvVae(): Model {
  const latent = 8;
  return variational({
    x: pixels([28, 28, 1]),
    latent,
    likelihood: "bernoulli",
    // The weight of the KL term rises from 0 to 1 over the first 20 steps.
    klWeight: { name: "linear", steps: 20 },
    // [rows, 28, 28, 1] → mean and log-variance side by side, [rows, 2 · latent]
    encoder: sequence([
      conv("encoder.conv", { inputs: 1, outputs: 16, kernel: 3, stride: 2, padding: "same", bias: false }),
      batchNorm("encoder.norm", 16),
      activation("silu"),
      flatten(),
      dropout("encoder.dropout", 0.1),
      dense("encoder.out", 14 * 14 * 16, 2 * latent),
    ]),
    // [rows, latent] → logits, [rows, 28, 28, 1]
    decoder: sequence([
      dense("decoder.dense", latent, 14 * 14 * 16),
      activation("silu"),
      reshape([14, 14, 16]),
      convTranspose("decoder.out", { inputs: 16, outputs: 1, kernel: 3, stride: 2, padding: "same" }),
    ]),
  });
}

/** A model by hand: a sparse autoencoder, with a layer of its own. */
export function sparseAutoencoder(): Model {
  const x = pixels([28, 28, 1]);
  const code = vector(64);
  const encoder = sequence([flatten(), gain("encoder.gain", 784), dense("encoder.dense", 784, 64), activation("relu")]);
  const decoder = dense("decoder", 64, 784);
  return autoencoder({
    fields: { x },
    parameters: [...encoder.parameters, ...decoder.parameters],
    unit: "nats",
    units: { sparsity: "" },
    // x: [rows, 28, 28, 1] in 0..1. Each term is [rows], one number an example, and `loss` is minimised.
    terms: (batch, pass) => {
      const x = batch.field("x");
      const code = encoder.apply(x, pass);
      const reconstruction = perExample(bceWithLogits(decoder.apply(code, pass), flat(x)));
      const sparsity = perExample(abs(code));
      return { loss: add(reconstruction, mul(0.1, sparsity)), reconstruction, sparsity };
    },
    uses: {
      encode: { from: { x }, to: code, apply: ({ x }, pass) => encoder.apply(x, pass) },
      decode: { from: { code }, to: x, apply: ({ code }, pass) => shapedAs(sigmoid(decoder.apply(code, pass)), x) },
    },
  });
}

/** A factor for each input. A layer is the tensors that it keeps, and a function from nodes to nodes. */
function gain(name: string, inputs: number): Layer {
  const shape = [inputs];
  const node = parameter(name, shape);
  return {
    parameters: [{ name, shape, node, trained: true, initialize: () => new Float32Array(inputs).fill(1) }],
    apply: (x) => mul(x, node),
  };
}
