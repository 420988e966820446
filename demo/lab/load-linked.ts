import { loadData } from "./drawn-data.ts";
import { loadFamily } from "./families.ts";

/** Loads the family and the data that a link names. */
export async function loadLinked(hash: string): Promise<void> {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  await Promise.all([loadFamily(parts.get("family") ?? ""), loadData(parts.get("data") ?? "")]);
}
