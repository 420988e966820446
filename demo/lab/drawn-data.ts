import { type BuiltIn, loadBuiltIn } from "../../src/data/built-in.ts";
import { type BuiltInName, isBuiltIn } from "../../src/data/built-in-names.ts";
import { DIGITS, digitFields, digits } from "../../src/data/digits.ts";

/** What is known of the data that the library draws: of those that the page begins with, and of others once they were asked for. */
const known: Partial<Record<BuiltInName, BuiltIn>> = {
  digits: { draw: digits, fields: digitFields, counts: DIGITS },
};

/** Loads what draws data, where the library draws data of that name. */
export async function loadData(name: string): Promise<void> {
  if (isBuiltIn(name)) known[name] ??= await loadBuiltIn(name);
}

/** What was loaded of data. */
export const drawnData = (name: BuiltInName): BuiltIn => known[name]!;
