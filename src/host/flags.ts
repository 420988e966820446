import { readdirSync } from "node:fs";
import type { Machine } from "./machine.ts";

// Playwright already turns off background networking, sync, component updates and the first-run pages.
const webgpu = "--enable-unsafe-webgpu"; // headless and blocklisted GPUs have no WebGPU without it
// The last --enable-features wins, so this one repeats what Playwright enables to keep the browser off the network.
const vulkan = "--enable-features=Vulkan,SkipListAccountsWithoutGaiaCookies";

/** One way to start Chromium. */
export interface FlagSet {
  readonly flags: readonly string[];
  /** False when it can only end in software: Chromium's own SwiftShader, whatever drivers the system has. */
  readonly seesGpu: boolean;
}

/**
 * Command-line flags in the order to try them, until one set gives a real GPU; else the first that gave any adapter.
 * Headless Chromium on Linux draws with SwiftShader unless ANGLE is told otherwise, and then keeps real GPUs from WebGPU
 * too; but on a machine without any Vulkan driver, ANGLE on Vulkan leaves WebGPU without an adapter (measured with
 * Chromium 156), so that set comes only where there is a GPU to win.
 */
export function flagSets({ platform }: Pick<Machine, "platform">, hasGpu: boolean): readonly FlagSet[] {
  const software = { flags: [webgpu, "--use-webgpu-adapter=swiftshader"], seesGpu: false };
  if (platform !== "linux") return [{ flags: [webgpu], seesGpu: true }, software];
  const anyDriver = { flags: [webgpu, vulkan], seesGpu: true };
  const angle = ["--use-angle=vulkan", "--disable-vulkan-surface"]; // no display, so no surface
  const realGpu = { flags: [webgpu, vulkan, ...angle], seesGpu: true };
  return hasGpu ? [realGpu, anyDriver, software] : [anyDriver, software];
}

/** Whether Linux shows a GPU's device file: DRM render nodes, NVIDIA's own, or WSL's. */
export function hasGpuDevice(): boolean {
  return [
    ["/dev/dri", /^renderD\d+$/],
    ["/dev", /^(nvidia\d+|dxg)$/],
  ].some(([folder, pattern]) => {
    try {
      return readdirSync(folder as string).some((name) => (pattern as RegExp).test(name));
    } catch {
      return false;
    }
  });
}
