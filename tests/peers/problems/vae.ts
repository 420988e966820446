import type { TrainingProblem } from "./problem.ts";

/** The VAE of pytorch/examples, 784-400-20. The first half of encoder.out's columns is the mean, the next the log-variance. */
export const vae: TrainingProblem = {
  kind: "training",
  model: "vae",
  latent: 20,
  parameters: {
    "encoder.0.weight": { shape: [784, 400], fanIn: 784 },
    "encoder.0.bias": { shape: [400], fanIn: 784 },
    "encoder.out.weight": { shape: [400, 40], fanIn: 400 },
    "encoder.out.bias": { shape: [40], fanIn: 400 },
    "decoder.0.weight": { shape: [20, 400], fanIn: 20 },
    "decoder.0.bias": { shape: [400], fanIn: 20 },
    "decoder.out.weight": { shape: [400, 784], fanIn: 400 },
    "decoder.out.bias": { shape: [784], fanIn: 400 },
  },
  checkSteps: 30,
  averagedSteps: 10, // one batch's loss scatters by some per cent
};
