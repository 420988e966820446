import type { Shape } from "../graph/node.ts";
import type { Model } from "./model.ts";
import { type VaeOptions, vae } from "./vae.ts";

export type { Model, Terms } from "./model.ts";
export { type VaeOptions, vae } from "./vae.ts";

/** A model as a config describes it: its family and that family's options, but for the shape, which the data has. */
export type ModelDescription = { readonly family: "vae" } & Omit<VaeOptions, "input">;

const families = { vae } as const;

/** Builds the model of a description for examples of a shape. */
export function buildModel({ family, ...options }: ModelDescription, input: Shape): Model {
  return families[family]({ ...options, input });
}
