import { interpolation } from "./interpolation.ts";
import { mixture } from "./mixture.ts";
import { posterior } from "./posterior.ts";
import type { Sampler } from "./sampler.ts";
import { traversal } from "./traversal.ts";

/** What `reparam sample --from` knows beside the model's own noise, by name. */
export const samplers: Readonly<Record<string, Sampler>> = { posterior, interpolation, traversal, mixture };
