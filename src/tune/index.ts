// Finding the quickest kernels for an adapter: the public face of this folder.
export type { ChoiceTable } from "../gpu/profile.ts";
export { browserStore, type TuneStore } from "./store.ts";
export type { TunedCandidate, TunedProduct } from "./tune.ts";
export { type TuneModelOptions, type Tuning, tune } from "./tune-model.ts";
