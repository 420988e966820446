// The layers that models are built from. Each has a name, which its parameters in checkpoints begin with.
export {
  type ConvLayerOptions,
  convLayer as conv,
  convTransposeLayer as convTranspose,
} from "./conv-layers.ts";
export { embeddingLayer as embedding } from "./embedding-layer.ts";
export { activation, dense, sequence } from "./layers.ts";
export {
  type BatchNormOptions,
  batchNorm,
  dropout,
  groupNorm,
  layerNorm,
  type NormOptions,
} from "./norm-layers.ts";
export { averagePoolLayer as averagePool, maxPoolLayer as maxPool, upsampleLayer as upsample } from "./pool-layers.ts";
export { flattenLayer as flatten, reshapeLayer as reshape } from "./shape-layers.ts";
