// The functions that build graphs: each takes nodes (or numbers, where an op is elementwise) and returns a node.
export { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from "./activation.ts";
export {
  abs,
  add,
  clamp,
  div,
  equal,
  exp,
  expm1,
  floor,
  greater,
  log,
  mul,
  neg,
  sqrt,
  square,
  sub,
} from "./arithmetic.ts";
export { conv1d, conv2d, convTranspose1d, convTranspose2d } from "./convolve.ts";
export { half } from "./half.ts";
export { argmax, embedding, gather, iota, oneHot, scatterAdd } from "./indexing.ts";
export { constant, input, parameter, schedule } from "./leaf.ts";
export { bceWithLogits, gaussianNll, klStandardNormal, reparameterise, squaredError } from "./loss.ts";
export { matmul } from "./matmul.ts";
export { bernoulli, normal, uniform } from "./noise.ts";
export { averagePool2d, maxPool2d } from "./pool.ts";
export { rank, sort, topK } from "./ranking.ts";
export { max, mean, sum } from "./reduce.ts";
export { resizeBilinear, upsampleNearest } from "./resample.ts";
export { broadcastTo, concat, pad, reshape, slice, sliceAxis, stopGradient, transpose } from "./shape.ts";
export { crossEntropy, logSoftmax, logsumexp, softmax } from "./softmax.ts";
