// The public API of training and using models; bench, decode, formats, selftest, tune, view and worker have an index of
// their own. All of it runs in a page, in a worker and in Node, and nothing else is public.
export { packedBits, unpackedBits } from "./codes/bits.ts";
export {
  type FittedMixture,
  gaussianMixture,
  type MixtureOptions,
  mixtureCodes,
} from "./codes/gaussian-mixture.ts";
export {
  type InterpolationOptions,
  interpolatedCodes,
  interpolatedPosteriors,
  type PathName,
  type PosteriorInterpolationOptions,
} from "./codes/interpolation.ts";
export type { CovarianceName, GaussianMixture } from "./codes/mixture-rounds.ts";
export { type PosteriorCodesOptions, type PosteriorOptions, posteriorCodes, posteriorKl } from "./codes/posterior.ts";
export { type PrincipalBitsOptions, principalBits } from "./codes/principal-bits.ts";
export {
  dequantisedCodes,
  type QuantisationOptions,
  type QuantisedCodes,
  quantisedCodes,
} from "./codes/quantisation.ts";
export { type TraversalOptions, traversedCodes } from "./codes/traversal.ts";
export {
  type Dataset,
  type Field,
  type FieldValues,
  fieldSize,
  labels,
  pixels,
  type Scaling,
  type Split,
  vector,
} from "./data/dataset.ts";
export { type DigitsOptions, digits, digitsInSlices } from "./data/digits.ts";
export { type ExpressionOptions, expression } from "./data/expression.ts";
export { forgetFile, keepFile, keptFile } from "./data/kept-files.ts";
export { trainedOnClass } from "./data/one-class.ts";
export { imagesOf, type Picture, type PictureExamples, type PicturesOptions } from "./data/pictures.ts";
export { type DataFile, type ReadDatasetOptions, readDataset } from "./data/read-dataset.ts";
export { renderShapes } from "./data/render-shapes.ts";
export { RING_SIGMA, type RingOptions, ring, ringCentres } from "./data/ring.ts";
export type { Scale } from "./data/scaling.ts";
export { type ShapesOptions, shapes } from "./data/shapes.ts";
export type { SliceOptions } from "./data/slices.ts";
export { type ErrorCode, ReparamError } from "./errors.ts";
export { decodeIdx, encodeIdx } from "./formats/idx.ts";
export {
  type AdapterDescription,
  type Device,
  type DeviceOptions,
  requestDevice,
} from "./gpu/device.ts";
export { missingWebGpu } from "./gpu/missing.ts";
export type { ChoiceTable } from "./gpu/profile.ts";
export { gradients } from "./graph/differentiate.ts";
export { collect, fromJson, type Graph, type GraphJson, print, toJson } from "./graph/graph.ts";
export { type InterpretOptions, interpret } from "./graph/interpret.ts";
export { type ActiveUnits, activeUnits } from "./metrics/active-units.ts";
export { type CodeMoments, codeMoments } from "./metrics/code-moments.ts";
export { anomalyThreshold, type Detection, detection, type Roc, roc } from "./metrics/detection.ts";
export { type ModesFound, type ModesFoundOptions, modesFound } from "./metrics/modes-found.ts";
export {
  type MutualInformationGap,
  type MutualInformationGapOptions,
  mutualInformationGap,
} from "./metrics/mutual-information-gap.ts";
export { type RetrievalOptions, retrievalPrecision } from "./metrics/retrieval-precision.ts";
export type { RowsOption } from "./metrics/rows.ts";
export * from "./models/index.ts";
export type { Layer } from "./nn/layers.ts";
export type { OptimizerOptions } from "./nn/optimizers.ts";
export type { Parameter } from "./nn/parameter.ts";
export { held, type Pass, scoped } from "./nn/pass.ts";
export * as layers from "./nn/public.ts";
export type { LearningRateSchedule, ScheduleDescription } from "./nn/schedules.ts";
export type { Node, Shape } from "./node/node.ts";
export * from "./ops/public.ts";
export { type ExecuteOptions, execute } from "./runtime/execute.ts";
export type { Numbers } from "./train/data.ts";
export { decoderFile } from "./train/decoder-file.ts";
export { type FitOptions, fit, type LocalRun, type Run, type UseOptions } from "./train/fit.ts";
export type { SavedCheckpoint } from "./train/keeper.ts";
export type { Epoch, LoopStatus } from "./train/loop.ts";
export type { Losses } from "./train/metrics.ts";
