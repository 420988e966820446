import type { ModelConfig, TrainConfig } from "./config.ts";

type Family<Name extends ModelConfig["family"]> = Extract<ModelConfig, { family: Name }>;

const model: Family<"vae"> = {
  family: "vae",
  hidden: [400],
  activation: "relu",
  latent: 20,
  likelihood: "bernoulli",
  initializer: "pytorch",
};

/** Keras's example of a convolutional VAE. */
const convModel: Family<"conv-vae"> = {
  family: "conv-vae",
  channels: [32, 64],
  dense: 16,
  activation: "relu",
  latent: 2,
  likelihood: "bernoulli",
  initializer: "glorot",
  normalization: "none",
  dropout: 0,
};

/** The VAE of pytorch/examples: 784-400-20-400-784, Adam 1e-3, batches of 128. */
const vae: TrainConfig = {
  model,
  data: { name: "digits", directory: null, trainCount: null, testCount: null, seed: 0 },
  training: {
    epochs: 10,
    maxSteps: null,
    batchSize: 128,
    precision: "f32",
    optimizer: {
      name: "adam",
      learningRate: 1e-3,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      momentum: 0.9,
      decay: 0.99,
      weightDecay: 0,
      clipNorm: null,
    },
    learningRateSchedule: { name: "constant" },
    klWeight: { name: "constant", value: 1 },
    earlyStopping: null,
    checkpointEvery: 1,
    metricsEvery: null,
  },
  seed: 1,
  host: "chromium",
};

export const presets: Readonly<Record<string, { summary: string; config: TrainConfig }>> = {
  vae: { summary: "784-400-20, Bernoulli pixels: the VAE of pytorch/examples", config: vae },
  "vae-2d": {
    summary: "784-512-256-2, Bernoulli pixels: a latent space to look at",
    config: { ...vae, model: { ...model, hidden: [512, 256], latent: 2 } },
  },
  "vae-gaussian": {
    summary: "784-400-20, Gaussian pixels",
    config: { ...vae, model: { ...model, likelihood: "gaussian" } },
  },
  "conv-vae": {
    summary: "convolutions to 32 and 64 channels, dense 16, code of 2, Bernoulli pixels: Keras's example",
    config: { ...vae, model: convModel },
  },
  "conv-vae-64": {
    summary: "four convolutions with batch norm, dense 256, code of 32, Bernoulli pixels: for images of 64x64",
    config: {
      ...vae,
      model: { ...convModel, channels: [32, 64, 128, 256], dense: 256, latent: 32, normalization: "batch" },
    },
  },
};

/**
 * Epochs where nobody asked for a number. The built-in digits are the first thing that a newcomer trains, mostly
 * without a GPU, and are learned well after five: about two and a half minutes at fifteen steps a second.
 */
export function defaultEpochs(dataName: string): number {
  return dataName === "digits" ? 5 : vae.training.epochs;
}
