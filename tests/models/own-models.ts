import {
  abs,
  add,
  bceWithLogits,
  inference,
  type Layer,
  layers,
  type Model,
  mul,
  parameter,
  relu,
  sigmoid,
  sum,
  variational,
} from "../../src/index.ts";

const { activation, batchNorm, conv, convTranspose, dense, dropout, flatten, reshape, sequence } = layers;

/** A variational autoencoder around an encoder and a decoder. */
export function smallConvVae(): Model {
  const latent = 8;
  return variational({
    input: [28, 28, 1],
    latent,
    likelihood: "bernoulli",
    // [batch, 784] → mean and log-variance side by side, [batch, 2 · latent]
    encoder: sequence([
      reshape([28, 28, 1]),
      conv("encoder.conv", { inputs: 1, outputs: 16, kernel: 3, stride: 2, padding: "same", bias: false }),
      batchNorm("encoder.norm", 16),
      activation("silu"),
      flatten(),
      dropout("encoder.dropout", 0.1),
      dense("encoder.out", 14 * 14 * 16, 2 * latent),
    ]),
    // [batch, latent] → logits, [batch, 784]
    decoder: sequence([
      dense("decoder.dense", latent, 14 * 14 * 16),
      activation("silu"),
      reshape([14, 14, 16]),
      convTranspose("decoder.out", { inputs: 16, outputs: 1, kernel: 3, stride: 2, padding: "same" }),
      flatten(),
    ]),
  });
}

/** A model by hand: a sparse autoencoder, with a layer of its own. */
export function sparseAutoencoder(): Model {
  const encoder = sequence([gain("encoder.gain", 784), dense("encoder.dense", 784, 64)]);
  const decoder = dense("decoder", 64, 784);
  return {
    input: [28, 28, 1],
    latent: 64,
    parameters: [...encoder.parameters, ...decoder.parameters],
    // x: [batch, 784] in 0..1; each term is [batch], in nats an example, and `loss` is minimised.
    terms: (x, pass) => {
      const code = relu(encoder.apply(x, pass));
      const reconstruction = sum(bceWithLogits(decoder.apply(code, pass), x), { axes: [1] });
      const sparsity = sum(abs(code), { axes: [1] });
      return { loss: add(reconstruction, mul(0.1, sparsity)), reconstruction, sparsity };
    },
    encode: (x) => relu(encoder.apply(x, inference)),
    decode: (code) => sigmoid(decoder.apply(code, inference)),
  };
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
