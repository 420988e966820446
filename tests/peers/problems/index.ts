import { conv2d, conv2dFilterGradient, conv2dInputGradient } from "./conv.ts";
import { convVae } from "./conv-vae.ts";
import { squareMatmul } from "./matmul.ts";
import type { Problem } from "./problem.ts";
import { vae } from "./vae.ts";

/** Every problem by the name that --problems takes. */
export const problems: Readonly<Record<string, Problem>> = {
  vae,
  "conv-vae": convVae,
  "matmul-512": squareMatmul(512),
  "matmul-1024": squareMatmul(1024),
  conv: conv2d,
  "conv-input-gradient": conv2dInputGradient,
  "conv-filter-gradient": conv2dFilterGradient,
};
