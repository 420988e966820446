import { type Field, fieldSize } from "../data/dataset.ts";
import { flattenLayer } from "../nn/conv-layers.ts";
import type { InitializerName } from "../nn/initializers.ts";
import { activation, dense, type Layer, sequence } from "../nn/layers.ts";
import { held, type Pass } from "../nn/pass.ts";
import { leakyRelu, sigmoid, softplus } from "../ops/activation.ts";
import { add, neg } from "../ops/arithmetic.ts";
import { normal } from "../ops/noise.ts";
import { reshape, stopGradient } from "../ops/shape.ts";
import { convFeatures, convolutions, normalizations, transposedConvolutions } from "./conv-parts.ts";
import { family } from "./family.ts";
import type { Model } from "./model.ts";
import { choice, initializerOption, size, widths } from "./options.ts";

interface Players {
  /** [rows, latent] → logits of x, [rows, ...] */
  readonly generator: Layer;
  /** [rows, ...x.shape] → the logit that it is real, [rows, 1] */
  readonly discriminator: Layer;
}

interface PlayerOptions {
  readonly x: Field;
  readonly latent: number;
  readonly widths: readonly number[];
  readonly normalization: keyof typeof normalizations;
  readonly initializer: InitializerName;
}

/** Gradients come through where a unit is off, too: Radford et al. use a slope of 0.2. */
const leaky: Layer = { parameters: [], apply: (x) => leakyRelu(x, 0.2) };

const networks = {
  /** Layers one after another, the generator's in reverse. */
  dense: ({ x, latent, widths, normalization, initializer }) => {
    const norm = normalizations[normalization];
    const features = fieldSize(x);
    const down = [features, ...widths];
    const up = [latent, ...widths.toReversed()];
    return {
      generator: sequence([
        ...widths.flatMap((_, k) => [
          dense(`generator.${k}`, up[k], up[k + 1], initializer),
          ...norm(`generator.norm.${k}`, up[k + 1]),
          activation("relu"),
        ]),
        dense("generator.out", up[up.length - 1], features, initializer),
      ]),
      discriminator: sequence([
        flattenLayer(),
        ...widths.flatMap((width, k) => [dense(`discriminator.${k}`, down[k], width, initializer), leaky]),
        dense("discriminator.out", down[down.length - 1], 1, initializer),
      ]),
    };
  },
  /** Convolutions with stride 2 to so many channels, and their mirror, as in DCGAN (Radford, Metz and Chintala 2015). */
  conv: ({ x, latent, widths, normalization, initializer }) => {
    const common = { image: x.shape, channels: widths, initializer };
    const features = convFeatures(common);
    return {
      generator: sequence([
        dense("generator.dense", latent, features, initializer),
        ...normalizations[normalization]("generator.norm", features),
        activation("relu"),
        ...transposedConvolutions({ name: "generator", ...common, normalization, activation: activation("relu") }),
      ]),
      discriminator: sequence([
        ...convolutions({ name: "discriminator", ...common, normalization: "none", activation: leaky }),
        flattenLayer(),
        dense("discriminator.out", features, 1, initializer),
      ]),
    };
  },
} as const satisfies Record<string, (options: PlayerOptions) => Players>;

/**
 * Generative adversarial network with the non-saturating loss. In each step the discriminator moves first, then the
 * generator against the discriminator that has moved.
 */
export const gan = family({
  name: "gan",
  summary: "generator and discriminator, trained against each other",
  words:
    "One network draws, another tells drawn from real. Nothing encodes, so there is a map of noise and no dots on it.",
  formula: "discriminator: −ln D(x) − ln(1 − D(G(z))); generator: −ln D(G(z))",
  source: "Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661",
  reads: ["x"],
  options: {
    network: choice(networks, "dense", "dense layers, or convolutions for images (DCGAN)"),
    widths: widths(
      [256, 128],
      "widths, or channels, of the discriminator's layers; the generator has them in reverse",
      1,
    ),
    latent: size(64, "numbers in the noise that an example is drawn from"),
    normalization: choice(normalizations, "batch", "between the generator's layers and their activations"),
    initializer: initializerOption("glorot"),
  },
  presets: {
    gan: { summary: "noise of 64 through 128-256 to 784, against 784-256-128, dense layers" },
    dcgan: {
      summary: "noise of 64, convolutions of 32 and 64 channels and their mirror",
      options: { network: "conv", widths: [32, 64] },
    },
  },
  training: { epochs: 20, optimizer: { learningRate: 2e-4, beta1: 0.5 } },
  build: ({ network, latent, ...options }, { fields: { x } }): Model => {
    const { generator, discriminator } = networks[network]({ x, latent, ...options });
    const trained = ({ parameters }: Layer) => parameters.filter((parameter) => parameter.trained);
    const draw = (pass: Pass) => {
      const z = normal(pass.noise("noise"), [pass.rows, latent]);
      return reshape(sigmoid(generator.apply(z, pass)), [pass.rows, ...x.shape]);
    };
    const judge = (examples: Parameters<Layer["apply"]>[0], pass: Pass) =>
      reshape(discriminator.apply(examples, pass), [pass.rows]);
    return {
      fields: { x },
      parameters: [...generator.parameters, ...discriminator.parameters],
      schedules: {},
      stages: [
        {
          name: "training",
          share: 1,
          monitor: null,
          objectives: [
            {
              name: "discriminator",
              moves: trained(discriminator),
              optimizer: "discriminator",
              unit: "nats",
              units: { real: "", drawn: "" },
              terms: (batch, pass) => {
                const onReal = judge(batch.field("x"), pass);
                const onDrawn = judge(stopGradient(draw(held(pass))), pass);
                const loss = add(softplus(neg(onReal)), softplus(onDrawn));
                return { loss, real: sigmoid(onReal), drawn: sigmoid(onDrawn) };
              },
            },
            {
              name: "generator",
              moves: trained(generator),
              optimizer: "generator",
              unit: "nats",
              terms: (_batch, pass) => ({ loss: softplus(neg(judge(draw(pass), held(pass)))) }),
            },
          ],
        },
      ],
      uses: { sample: { from: {}, to: x, apply: (_, pass) => draw(pass) } },
    };
  },
});
