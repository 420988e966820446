import { PUBLIC_DATASETS } from "./download.ts";

const builtInNames = ["digits", "shapes", "ring", "expression"] as const;

/** A data set that the library draws itself. */
export type BuiltInName = (typeof builtInNames)[number];

export const isBuiltIn = (name: string): name is BuiltInName => builtInNames.some((known) => known === name);

/** The data sets that have a name of their own; everything else is a path. */
export const datasetNames: readonly string[] = [...builtInNames, ...Object.keys(PUBLIC_DATASETS)];
