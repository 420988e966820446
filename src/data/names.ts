import { builtInNames } from "./built-in-names.ts";
import { PUBLIC_DATASETS } from "./download.ts";

/** The data sets that have a name of their own; everything else is a path. */
export const datasetNames: readonly string[] = [...builtInNames, ...Object.keys(PUBLIC_DATASETS)];
