import { type Field, fieldSize, labels, vector } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { embeddingLayer } from "../nn/embedding-layer.ts";
import type { InitializerName } from "../nn/initializers.ts";
import { type ActivationName, activation as activationLayer, type Layer, mlp, sequence } from "../nn/layers.ts";
import type { Parameter } from "../nn/parameter.ts";
import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { oneHot } from "../ops/indexing.ts";
import { constant } from "../ops/leaf.ts";
import { convFeatures, transposedConvolutions } from "./conv-parts.ts";
import { errorOption, rangeOfData, reconstructionErrors } from "./error.ts";
import { flat, perExample, shapedAs } from "./examples.ts";
import { family } from "./family.ts";
import { autoencoder, type Use } from "./model.ts";
import { activationOption, choice, initializerOption, size, widths } from "./options.ts";

/** What an example is known by. */
interface Codes {
  readonly parameters: readonly Parameter[];
  /** Numbers in a code. */
  readonly width: number;
  /** index: [rows], places among the training examples → [rows, width] */
  of(index: Node, pass: Pass): Node;
  /** Any real numbers are a code. */
  readonly real: boolean;
}

/**
 * `ones`: the same code of ones for all, from which one example can be redrawn; `oneHot`: as many numbers as there are training
 * examples, a 1 at the example's place; `learnt`: a row of numbers for each, trained beside the network.
 */
const codeKinds = {
  ones: (_count, width) => ({ parameters: [], width, of: (_, { rows }) => constant(1, [rows, width]), real: false }),
  oneHot: (count) => ({ parameters: [], width: count, of: (index) => oneHot(index, count), real: false }),
  learnt: (count, width) => {
    const table = embeddingLayer("codes", { count, width });
    return { parameters: table.parameters, width, of: (index, pass) => table.apply(index, pass), real: true };
  },
} as const satisfies Record<string, (count: number, width: number) => Codes>;

interface DecoderParts {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly channels: readonly number[];
  readonly activation: ActivationName;
  readonly initializer: InitializerName;
}

/** Dense layers, and transposed convolutions behind them where there are channels: [rows, inputs] → [rows, ...] */
function decoderOf(x: Field, { channels, ...parts }: DecoderParts): Layer {
  if (channels.length === 0) return mlp("decoder", { ...parts, outputs: fieldSize(x) });
  const activation = activationLayer(parts.activation);
  const images = { image: x.shape, channels: channels.toReversed() };
  return sequence([
    mlp("decoder.dense", { ...parts, outputs: convFeatures(images) }),
    activation,
    ...transposedConvolutions({
      ...images,
      name: "decoder",
      normalization: "none",
      activation,
      initializer: parts.initializer,
    }),
  ]);
}

/**
 * A decoder alone, which is given each training example's own code and has to redraw it: it knows the training examples by heart
 * and nothing else. Its codes and its error are of places among the training examples, so test examples say nothing of it.
 */
export const memoriser = family({
  name: "memoriser",
  title: "Memoriser",
  purpose: "other",
  summary: "decoder alone that learns the training examples by heart, from ones, one-hot or learnt codes",
  words:
    "Nothing looks at a picture: each has a number, and the network learns what to draw for it. It knows these pictures by heart, and no other.",
  formula: "error(x, decode(code of x's index))",
  source: "Bojanowski, Joulin, Lopez-Paz and Szlam 2018, https://arxiv.org/abs/1707.05776",
  reads: ["x"],
  options: {
    codes: choice(
      codeKinds,
      "learnt",
      "what the decoder is given: ones for all, which is enough for one example, a one-hot code each, or numbers that are learnt",
    ),
    latent: size(32, "numbers in a code; one-hot codes have one for each training example"),
    hidden: widths([], "widths of the dense layers behind the code"),
    channels: widths(
      [64, 32],
      "channels of the transposed convolutions behind them; each doubles height and width; [] has none, for what are no images",
    ),
    activation: activationOption("relu"),
    loss: errorOption("squared"),
    initializer: initializerOption("glorot"),
  },
  presets: {
    memoriser: { summary: "32 learnt numbers an image through transposed convolutions of 64 and 32 channels" },
    "memoriser-one": {
      summary: "ones through the same to one image, the first",
      options: { codes: "ones" },
      data: { trainCount: 1 },
      training: { epochs: 500 },
    },
  },
  training: { epochs: 50, optimizer: { learningRate: 3e-3 } },
  remarks: ({ codes }, { count = 1 }) =>
    codes === "ones" && count > 1
      ? [
          `model.codes is "ones", so all ${count} training examples have the same code and their mean is what is learnt: set data.trainCount=1, or other codes`,
        ]
      : [],
  build: ({ codes: kind, latent, loss, ...options }, { fields: { x }, count }) => {
    if (count === undefined) {
      throw new ReparamError("data", "memoriser has to know how many training examples there are: give `data`.");
    }
    const codes = codeKinds[kind](count, latent);
    const { error, decoded, unit } = reconstructionErrors[loss];
    const decoder = decoderOf(x, { inputs: codes.width, ...options });
    const draw = (code: Node, pass: Pass) => shapedAs(decoded(flat(decoder.apply(code, pass))), x);
    const code = vector(codes.width);
    const from = { index: labels(count) };
    const uses: Record<string, Use> = {
      reconstruct: {
        from,
        to: x,
        apply: ({ index }, pass) => draw(codes.of(index, pass), pass),
      },
    };
    if (codes.real) {
      uses.encode = { from, to: code, apply: ({ index }, pass) => codes.of(index, pass) };
      uses.decode = { from: { code }, to: x, apply: ({ code }, pass) => draw(code, pass) };
    }
    return autoencoder({
      fields: { x },
      ...rangeOfData(reconstructionErrors[loss]),
      parameters: [...codes.parameters, ...decoder.parameters],
      unit,
      monitor: { term: "loss", split: "train" },
      terms: (batch, pass) => {
        const output = flat(decoder.apply(codes.of(batch.index(), pass), pass));
        return { loss: perExample(error(output, flat(batch.field("x")))) };
      },
      uses,
    });
  },
});
