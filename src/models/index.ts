// What models are made of, and the families: the public face of this folder.
export { ae } from "./ae.ts";
export { convVae } from "./conv-vae.ts";
export { cvae } from "./cvae.ts";
export { denoisingAe } from "./denoising-ae.ts";
export { flat, perExample, shapedAs, withClass } from "./examples.ts";
export {
  type DataDescription,
  type Family,
  type FamilyStatement,
  family,
  fieldOf,
  labelsOf,
  type MadeFor,
  type Preset,
} from "./family.ts";
export { gan } from "./gan.ts";
export type { LikelihoodName } from "./likelihood.ts";
export {
  type AutoencoderParts,
  autoencoder,
  type Batch,
  type Model,
  type Objective,
  type Stage,
  type Term,
  type Terms,
  type TrainingDefaults,
  type Use,
} from "./model.ts";
export * as options from "./options.ts";
export { type PlainParts, plain } from "./plain.ts";
export { stackedDenoisingAe } from "./stacked-denoising-ae.ts";
export { vae } from "./vae.ts";
export { type VariationalParts, variational } from "./variational.ts";
