import type { AdapterDescription } from "../gpu/device.ts";

/** An adapter in words. A software adapter is called that: nobody shall take its figures for a GPU's. */
export function adapterNameOf({ description, vendor, architecture, device, fallback }: AdapterDescription): string {
  const name = description || [vendor, architecture, device].filter(Boolean).join(" ") || "unnamed adapter";
  return fallback ? `${name} (software, no GPU)` : name;
}
