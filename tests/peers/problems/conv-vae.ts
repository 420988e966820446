import type { TrainingProblem } from "./problem.ts";

/**
 * The convolutional VAE of Keras's examples (keras.io/examples/generative/vae): 3 x 3 convolutions with stride 2 to 32 and
 * 64 channels, dense 16, a code of 2; dense 3136, transposed convolutions with stride 2 to 64 and 32, with stride 1 to 1.
 */
export const convVae: TrainingProblem = {
  kind: "training",
  model: "conv-vae",
  latent: 2,
  parameters: {
    "encoder.conv.0.weight": { shape: [3, 3, 1, 32], fanIn: 9 },
    "encoder.conv.0.bias": { shape: [32], fanIn: 9 },
    "encoder.conv.1.weight": { shape: [3, 3, 32, 64], fanIn: 288 },
    "encoder.conv.1.bias": { shape: [64], fanIn: 288 },
    "encoder.dense.weight": { shape: [3136, 16], fanIn: 3136 },
    "encoder.dense.bias": { shape: [16], fanIn: 3136 },
    "encoder.out.weight": { shape: [16, 4], fanIn: 16 },
    "encoder.out.bias": { shape: [4], fanIn: 16 },
    "decoder.dense.weight": { shape: [2, 3136], fanIn: 2 },
    "decoder.dense.bias": { shape: [3136], fanIn: 2 },
    "decoder.conv.0.weight": { shape: [3, 3, 64, 64], fanIn: 144 }, // of the nine taps, a quarter meets an input
    "decoder.conv.0.bias": { shape: [64], fanIn: 144 },
    "decoder.conv.1.weight": { shape: [3, 3, 32, 64], fanIn: 144 },
    "decoder.conv.1.bias": { shape: [32], fanIn: 144 },
    "decoder.out.weight": { shape: [3, 3, 1, 32], fanIn: 288 },
    "decoder.out.bias": { shape: [1], fanIn: 288 },
  },
  checkSteps: 6, // a step takes seconds in some contestants
  averagedSteps: 3,
};
