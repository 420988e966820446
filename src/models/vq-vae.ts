import { type Field, fieldSize } from "../data/dataset.ts";
import { convLayer } from "../nn/conv-layers.ts";
import type { InitializerName } from "../nn/initializers.ts";
import { type ActivationName, activation as activationLayer, type Layer, mlp, sequence } from "../nn/layers.ts";
import type { Pass } from "../nn/pass.ts";
import { flattenLayer } from "../nn/shape-layers.ts";
import { type Node, type Shape, sizeOf } from "../node/node.ts";
import { add, mul, square, sub } from "../ops/arithmetic.ts";
import { embedding } from "../ops/indexing.ts";
import { schedule } from "../ops/leaf.ts";
import { mean, sum } from "../ops/reduce.ts";
import { reshape, stopGradient } from "../ops/shape.ts";
import { codebooks } from "./codebook.ts";
import { convGrid, convolutions, transposedConvolutions } from "./conv-parts.ts";
import { errorOption, rangeOfData, reconstructionErrors } from "./error.ts";
import { flat, perExample, repeatRows, shapedAs } from "./examples.ts";
import { family } from "./family.ts";
import { autoencoder } from "./model.ts";
import { activationOption, choice, initializerOption, size, weight, widths } from "./options.ts";
import { countsOf, perplexity, quantised } from "./vector-quantiser.ts";

interface Networks {
  /** How the codes of an example stand: their number, or the height and width of their grid. */
  readonly grid: Shape;
  /** [rows, ...x.shape] → [rows, ...], `width` numbers for each place of the grid */
  readonly encoder: Layer;
  /** [rows, ...grid, width] → numbers or logits of x, [rows, ...] */
  readonly decoder: Layer;
}

interface NetworkOptions {
  readonly x: Field;
  readonly widths: readonly number[];
  readonly places: number;
  /** Numbers of a code. */
  readonly width: number;
  readonly activation: ActivationName;
  readonly initializer: InitializerName;
}

const networks = {
  /** Layers one after another to so many places, and back. */
  dense: ({ x, widths, places, width, ...common }) => ({
    grid: [places],
    encoder: sequence([
      flattenLayer(),
      mlp("encoder", { inputs: fieldSize(x), hidden: widths, outputs: places * width, ...common }),
    ]),
    decoder: sequence([
      flattenLayer(),
      mlp("decoder", { inputs: places * width, hidden: widths.toReversed(), outputs: fieldSize(x), ...common }),
    ]),
  }),
  /** Convolutions with stride 2 to so many channels; each place of the smallest image has a code. */
  conv: ({ x, widths, width, initializer, ...options }) => {
    const activation = activationLayer(options.activation);
    const images = { image: x.shape, channels: widths, normalization: "none", activation, initializer } as const;
    const channels = widths[widths.length - 1];
    return {
      grid: convGrid(images),
      encoder: sequence([
        ...convolutions({ name: "encoder", ...images }),
        convLayer("encoder.out", { inputs: channels, outputs: width, kernel: 1, initializer }),
      ]),
      decoder: sequence([
        convLayer("decoder.in", { inputs: width, outputs: channels, kernel: 3, padding: "same", initializer }),
        activation,
        ...transposedConvolutions({ name: "decoder", ...images }),
      ]),
    };
  },
} as const satisfies Record<string, (options: NetworkOptions) => Networks>;

/**
 * Vector-quantised autoencoder: what the encoder gives at each place is rounded to the nearest code of a codebook, so that
 * an example is a grid of whole numbers.
 */
export const vqVae = family({
  name: "vq-vae",
  title: "Vector-quantised",
  purpose: "symbols",
  summary: "autoencoder whose codes are words of a codebook: tokens",
  words:
    "Writes a picture with a small alphabet that it invents, a few letters for each. Whoever knows the alphabet redraws it from the letters.",
  formula:
    "error(x, decode(e)) + commitmentWeight · mean over places of ‖z − e‖², e = the code nearest to z = encode(x); codes follow the z that chose them, or + the same mean with the gradient of e",
  source: "van den Oord, Vinyals and Kavukcuoglu 2017, https://arxiv.org/abs/1711.00937",
  reads: ["x"],
  options: {
    network: choice(networks, "dense", "dense layers, or convolutions for images"),
    widths: widths([512, 256], "widths, or channels, of the encoder's layers; the decoder has them in reverse", 1),
    places: size(
      16,
      "tokens of an example with dense layers; with convolutions each place of the smallest image has one",
    ),
    codes: size(64, "codes of the codebook"),
    width: size(8, "numbers of a code"),
    codebook: choice(
      codebooks,
      "restarted",
      "how codes learn: movingAverage of what chose them, the same with dead codes restarted, or gradient",
    ),
    commitmentWeight: weight(0.25, "weight of the encoder's distance from the codes"),
    activation: activationOption("relu"),
    loss: errorOption("bce"),
    initializer: initializerOption("glorot"),
  },
  presets: {
    "vq-vae": { summary: "784-512-256 to 16 tokens of 64 codes: a picture in 96 bits" },
    "conv-vq-vae": {
      summary: "convolutions to 32 and 64 channels, 7x7 tokens of 64 codes",
      options: { network: "conv", widths: [32, 64] },
    },
  },
  build: ({ network, codes: count, width, codebook: kind, commitmentWeight, loss, ...options }, { fields: { x } }) => {
    const { grid, encoder, decoder } = networks[network]({ x, width, ...options });
    const codebook = codebooks[kind]({ count, width });
    const places = sizeOf(grid);
    const { error, decoded, unit } = reconstructionErrors[loss];

    // Places of all examples one after another, [rows · places, width].
    const encode = (x: Node, pass: Pass) => reshape(encoder.apply(x, pass), [pass.rows * places, width]);
    const outputOf = (codes: Node, pass: Pass) =>
      flat(decoder.apply(reshape(codes, [pass.rows, ...grid, width]), pass));
    const draw = (codes: Node, pass: Pass) => shapedAs(decoded(outputOf(codes, pass)), x);
    const tokens: Field = { kind: "tokens", shape: grid, store: "u16", classes: count };
    return autoencoder({
      fields: { x },
      ...rangeOfData(reconstructionErrors[loss]),
      parameters: [...encoder.parameters, ...decoder.parameters, ...codebook.parameters],
      schedules: { commitmentWeight },
      unit,
      units: { commitment: "", perplexity: "", deadCodes: "" },
      terms: (batch, pass) => {
        const x = batch.field("x");
        const z = encode(x, pass);
        const { ids, codes, through } = quantised(z, codebook.codes);
        const weight = repeatRows(batch.weight, places);
        const counts = countsOf(ids, weight, count);
        codebook.follow({ z, ids, weight, counts }, pass);
        const distance = (a: Node, b: Node) =>
          mean(reshape(sum(square(sub(a, b)), { axes: [1] }), [pass.rows, places]), { axes: [1] });
        const reconstruction = perExample(error(outputOf(through, pass), flat(x)));
        const commitment = distance(z, stopGradient(codes));
        const held = add(reconstruction, mul(schedule("commitmentWeight"), commitment));
        const loss = codebook.byGradient ? add(held, distance(stopGradient(z), codes)) : held;
        return { loss, reconstruction, commitment, perplexity: perplexity(counts), deadCodes: codebook.dead };
      },
      uses: {
        encode: {
          from: { x },
          to: tokens,
          apply: ({ x }, pass) => reshape(quantised(encode(x, pass), codebook.codes).ids, [pass.rows, ...grid]),
        },
        decode: {
          from: { code: tokens },
          to: x,
          apply: ({ code }, pass) => draw(embedding(codebook.codes, reshape(code, [pass.rows * places])), pass),
        },
        reconstruct: {
          from: { x },
          to: x,
          apply: ({ x }, pass) => draw(quantised(encode(x, pass), codebook.codes).codes, pass),
        },
      },
    });
  },
});
