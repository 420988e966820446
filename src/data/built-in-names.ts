/** The data sets that the library draws itself. */
export const builtInNames = ["digits", "shapes", "ring", "expression"] as const;

export type BuiltInName = (typeof builtInNames)[number];

export const isBuiltIn = (name: string): name is BuiltInName => builtInNames.some((known) => known === name);
