import { type FamilyStatement, noFamily } from "./family.ts";
import { familyFiles } from "./family-files.generated.ts";

/** What the families are called: the row of families.ts, of which each is loaded when somebody asks for it. */
export const familyNames: readonly string[] = Object.keys(familyFiles);

export const isFamily = (name: string): boolean => Object.hasOwn(familyFiles, name);

/** Loads a family by its name. Rejects with ReparamError "config" where there is none. */
export async function statementOf(name: string): Promise<FamilyStatement> {
  if (!isFamily(name)) throw noFamily(name, familyNames);
  return (await familyFiles[name]()).statement as FamilyStatement;
}
