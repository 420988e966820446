import type { Shape } from "../node/node.ts";
import { type ConvVaeOptions, convVae } from "./conv-vae.ts";
import type { Model } from "./model.ts";
import { type VaeOptions, vae } from "./vae.ts";

export { type ConvVaeOptions, convVae } from "./conv-vae.ts";
export type { Model, Terms } from "./model.ts";
export { type VaeOptions, vae } from "./vae.ts";
export { type Likelihood, type VariationalParts, variational } from "./variational.ts";

const families = { vae, "conv-vae": convVae } as const;

/** A model as a config describes it: its family and that family's options, but for the shape, which the data has. */
export type ModelDescription =
  | ({ readonly family: "vae" } & Omit<VaeOptions, "input">)
  | ({ readonly family: "conv-vae" } & Omit<ConvVaeOptions, "input">);

/** Builds the model of a description for examples of a shape. */
export function buildModel({ family, ...options }: ModelDescription, input: Shape): Model {
  const build = families[family] as (options: { input: Shape }) => Model;
  return build({ ...options, input });
}
