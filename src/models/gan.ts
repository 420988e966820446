import { type Field, fieldSize } from "../data/dataset.ts";
import type { InitializerName } from "../nn/initializers.ts";
import { activation, dense, type Layer, sequence } from "../nn/layers.ts";
import { held, type Pass } from "../nn/pass.ts";
import { flattenLayer } from "../nn/shape-layers.ts";
import type { Node } from "../node/node.ts";
import { sigmoid } from "../ops/activation.ts";
import { normal } from "../ops/noise.ts";
import { stopGradient } from "../ops/shape.ts";
import { denseDiscriminator, discriminatorTerms, generatorLoss, judged, leaky } from "./adversary.ts";
import { convFeatures, convolutions, normalizations, transposedConvolutions } from "./conv-parts.ts";
import { shapedAs } from "./examples.ts";
import { declared, type ExtraTerms, withExtras } from "./extra-terms.ts";
import { family } from "./family.ts";
import { gradientPenalties, type Judged } from "./gradient-penalty.ts";
import type { Model } from "./model.ts";
import { choice, initializerOption, size, weight, widths } from "./options.ts";

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

const networks = {
  /** Layers one after another, the generator's in reverse. */
  dense: ({ x, latent, widths, normalization, initializer }) => {
    const norm = normalizations[normalization];
    const features = fieldSize(x);
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
      discriminator: denseDiscriminator(features, widths, initializer),
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

/** What the generator's numbers become: 0..1 as pixels are, or any number. */
const outputs = { sigmoid, linear: (x) => x } as const satisfies Record<string, (x: Node) => Node>;

/**
 * Generative adversarial network with the non-saturating loss. In each step the discriminator moves first, then the
 * generator against the discriminator that has moved.
 */
export const gan = family({
  name: "gan",
  title: "GAN",
  purpose: "sample",
  summary: "generator and discriminator, trained against each other",
  words:
    "One network draws, another tells drawn from real. Nothing encodes, so there is a map of noise and no dots on it.",
  formula: "discriminator: −ln D(x) − ln(1 − D(G(z))) + penaltyWeight · ‖∇D(x)‖²; generator: −ln D(G(z))",
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
    output: choice(outputs, "sigmoid", "what ends the generator: sigmoid for values 0..1, linear for others"),
    penalty: choice(
      gradientPenalties,
      "real",
      "how the discriminator is kept from being steep: its slope is 0 at real examples (R1), or 1 between real and drawn ones (as in WGAN-GP)",
    ),
    penaltyWeight: {
      ...weight(0, "weight of that penalty; 0 for none"),
      live: false, // whether there is a penalty decides what is compiled
    },
    initializer: initializerOption("glorot"),
  },
  presets: {
    gan: { summary: "noise of 64 through 128-256 to 784, against 784-256-128, dense layers" },
    dcgan: {
      summary: "noise of 64, convolutions of 32 and 64 channels and their mirror",
      options: { network: "conv", widths: [32, 64] },
    },
    "gan-ring": {
      summary: "noise of 8 to points of the plane, 64-64 against 64-64, with the penalty at real examples, on the ring",
      data: { name: "ring" },
      options: { widths: [64, 64], latent: 8, normalization: "none", output: "linear", penaltyWeight: 0.1 },
      training: { epochs: 60, batchSize: 200, optimizer: { learningRate: 1e-3, beta1: 0.5 } },
    },
  },
  training: { epochs: 20, optimizer: { learningRate: 2e-4, beta1: 0.5 } },
  build: ({ network, latent, output, penalty, penaltyWeight, ...options }, { fields: { x } }): Model => {
    const { generator, discriminator } = networks[network]({ x, latent, ...options });
    const trained = ({ parameters }: Layer) => parameters.filter((parameter) => parameter.trained);
    const draw = (pass: Pass) => {
      const z = normal(pass.noise("noise"), [pass.rows, latent]);
      return shapedAs(outputs[output](generator.apply(z, pass)), x);
    };
    const extras: ExtraTerms<Judged> =
      penaltyWeight === 0
        ? {}
        : { penalty: { weight: penaltyWeight, unit: "", of: (judged) => gradientPenalties[penalty](judged) } };
    const { schedules, units } = declared(extras);
    return {
      fields: { x },
      parameters: [...generator.parameters, ...discriminator.parameters],
      schedules,
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
              units: { real: "", drawn: "", ...units },
              terms: (batch, pass) => {
                const judge = (examples: Node) => judged(discriminator, examples, pass);
                const real = batch.field("x");
                const drawn = stopGradient(draw(held(pass)));
                const terms = discriminatorTerms(judge(real), judge(drawn));
                return withExtras(terms, extras, { judge, real, drawn, pass });
              },
            },
            {
              name: "generator",
              moves: trained(generator),
              optimizer: "generator",
              unit: "nats",
              terms: (_batch, pass) => ({ loss: generatorLoss(judged(discriminator, draw(pass), held(pass))) }),
            },
          ],
        },
      ],
      uses: { sample: { from: {}, to: x, apply: (_, pass) => draw(pass) } },
    };
  },
});
