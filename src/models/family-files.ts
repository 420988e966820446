import { type FamilyStatement, noFamily } from "./family.ts";

/**
 * The row of families once more, each with a file that is loaded when somebody asks for it: a page that trains one model need not
 * load them all. A test holds the two rows together.
 */
const familyFiles: Readonly<Record<string, () => Promise<{ readonly statement: unknown }>>> = {
  aae: async () => (await import("./aae.ts")).aae,
  ae: async () => (await import("./ae.ts")).ae,
  "anomaly-ae": async () => (await import("./anomaly-ae.ts")).anomalyAe,
  "beta-tc-vae": async () => (await import("./beta-tc-vae.ts")).betaTcVae,
  "contractive-ae": async () => (await import("./contractive-ae.ts")).contractiveAe,
  "conv-ae": async () => (await import("./conv-ae.ts")).convAe,
  "conv-denoising-ae": async () => (await import("./conv-denoising-ae.ts")).convDenoisingAe,
  "conv-vae": async () => (await import("./conv-vae.ts")).convVae,
  cvae: async () => (await import("./cvae.ts")).cvae,
  "denoising-ae": async () => (await import("./denoising-ae.ts")).denoisingAe,
  "expression-vae": async () => (await import("./expression-vae.ts")).expressionVae,
  "factor-vae": async () => (await import("./factor-vae.ts")).factorVae,
  "flow-vae": async () => (await import("./flow-vae.ts")).flowVae,
  gan: async () => (await import("./gan.ts")).gan,
  iwae: async () => (await import("./iwae.ts")).iwae,
  memoriser: async () => (await import("./memoriser.ts")).memoriser,
  rae: async () => (await import("./rae.ts")).rae,
  "semantic-hashing": async () => (await import("./semantic-hashing.ts")).semanticHashing,
  "sparse-ae": async () => (await import("./sparse-ae.ts")).sparseAe,
  "stacked-denoising-ae": async () => (await import("./stacked-denoising-ae.ts")).stackedDenoisingAe,
  vae: async () => (await import("./vae.ts")).vae,
  "vampprior-vae": async () => (await import("./vampprior-vae.ts")).vampPriorVae,
  "vq-vae": async () => (await import("./vq-vae.ts")).vqVae,
  wae: async () => (await import("./wae.ts")).wae,
};

/** What the families are called. */
export const familyNames: readonly string[] = Object.keys(familyFiles);

export const isFamily = (name: string): boolean => Object.hasOwn(familyFiles, name);

/** Loads a family by its name. Rejects with ReparamError "config" where there is none. */
export async function statementOf(name: string): Promise<FamilyStatement> {
  if (!isFamily(name)) throw noFamily(name, familyNames);
  return (await familyFiles[name]()).statement as FamilyStatement;
}
