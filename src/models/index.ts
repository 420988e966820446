// What models are made of, and the families: the public face of this folder.
export { denseParts, plainOptions } from "./dense-parts.ts";
export { type ReconstructionErrorName, reconstructionErrors } from "./error.ts";
export { flat, meanOverExamples, perExample, shapedAs, withClass } from "./examples.ts";
export type { ExtraTerm, ExtraTerms } from "./extra-terms.ts";
export * from "./families.ts";
export {
  type DataDescription,
  type Family,
  type FamilyStatement,
  family,
  labelsOf,
  type MadeFor,
  type Preset,
} from "./family.ts";
export { type Prior, standardNormal } from "./inference.ts";
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
export { type PlainParts, type PlainSeen, plain } from "./plain.ts";
export { variational } from "./variational.ts";
export type { VariationalParts } from "./variational-parts.ts";
