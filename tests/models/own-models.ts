import {
  abs,
  add,
  autoencoder,
  bceWithLogits,
  div,
  exp,
  flat,
  klStandardNormal,
  type Layer,
  layers,
  type Model,
  mul,
  type Node,
  normal,
  type Pass,
  parameter,
  perExample,
  pixels,
  reparameterise,
  shapedAs,
  sigmoid,
  sliceAxis,
  sub,
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
    within: { x: [0, 1] }, // what a cross-entropy is of: other training data are refused
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

/** A variational autoencoder of two levels: p(x | z1) p(z1 | z2) p(z2), and q(z1 | x) q(z2 | z1). */
export function twoLevelVae(): Model {
  const [x, code, lower, upper] = [pixels([28, 28, 1]), vector(16), 16, 8];
  const network = (name: string, inputs: number, outputs: number) =>
    sequence([dense(`${name}.0`, inputs, 128), activation("silu"), dense(`${name}.out`, 128, outputs)]);
  const [toLower, toUpper] = [network("q1", 784, 2 * lower), network("q2", lower, 2 * upper)];
  const [fromUpper, fromLower] = [network("p1", upper, 2 * lower), network("p0", lower, 784)];

  // A layer's numbers are a normal distribution: means, [rows, n], and logs of variances beside them.
  const halves = (both: Node, n: number) => [sliceAxis(both, 1, 0, n), sliceAxis(both, 1, n, 2 * n)] as const;
  const drawn = (both: Node, n: number, pass: Pass) =>
    reparameterise(...halves(both, n), normal(pass.noise("z"), [pass.rows, n]));
  const logits = (z1: Node, pass: Pass) => fromLower.apply(z1, pass);
  const image = (z1: Node, pass: Pass) => shapedAs(sigmoid(logits(z1, pass)), x);
  const mean = (x: Node, pass: Pass) => halves(toLower.apply(flat(x), pass), lower)[0];

  return autoencoder({
    fields: { x },
    parameters: [toLower, toUpper, fromUpper, fromLower].flatMap(({ parameters }) => parameters),
    unit: "nats",
    terms: (batch, pass) => {
      const x = flat(batch.field("x"));
      const q1 = toLower.apply(x, pass);
      const z1 = drawn(q1, lower, pass);
      const q2 = toUpper.apply(z1, pass);
      const [mean1, logVariance1] = halves(q1, lower);
      const [prior, logPrior] = halves(fromUpper.apply(drawn(q2, upper, pass), pass), lower);
      // KL(q ‖ p) of two normal distributions is that of q, seen from p, and the standard one.
      const seen = div(sub(mean1, prior), exp(mul(0.5, logPrior)));
      const kl1 = perExample(klStandardNormal(seen, sub(logVariance1, logPrior)));
      const kl2 = perExample(klStandardNormal(...halves(q2, upper)));
      const reconstruction = perExample(bceWithLogits(logits(z1, pass), x));
      return { loss: add(add(reconstruction, kl1), kl2), reconstruction, kl1, kl2 };
    },
    uses: {
      encode: { from: { x }, to: code, apply: ({ x }, pass) => mean(x, pass) },
      decode: { from: { code }, to: x, apply: ({ code }, pass) => image(code, pass) },
      reconstruct: { from: { x }, to: x, apply: ({ x }, pass) => image(mean(x, pass), pass) },
      sample: {
        from: {},
        to: x,
        apply: (_, pass) => {
          const z2 = normal(pass.noise("z2"), [pass.rows, upper]);
          return image(drawn(fromUpper.apply(z2, pass), lower, pass), pass);
        },
      },
    },
  });
}
