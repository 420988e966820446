import type { FamilyStatement } from "../../src/models/family.ts";
import { familyNames, isFamily, statementOf } from "../../src/models/family-by-name.ts";
import { vae } from "../../src/models/vae.ts";

/** What is known of families: of the one that the page begins with, and of others once they were asked for. */
export const statements: Record<string, FamilyStatement> = { vae: vae.statement as unknown as FamilyStatement };

/** Loads what is known of a family, where there is one of that name. */
export async function loadFamily(name: string): Promise<void> {
  if (isFamily(name)) statements[name] ??= await statementOf(name);
}

/** Loads what is known of all families; rejects where one of them cannot be loaded, when all others are. */
export async function loadFamilies(): Promise<void> {
  const all = await Promise.allSettled(familyNames.map(loadFamily));
  if (all.some(({ status }) => status === "rejected")) throw new Error("not all families could be loaded");
}
