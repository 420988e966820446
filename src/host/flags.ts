import { readdirSync } from "node:fs";
import type { Machine } from "./machine.ts";

// Playwright already turns off background networking, sync, component updates and the first-run pages.
const webgpu = "--enable-unsafe-webgpu"; // headless and blocklisted GPUs have no WebGPU without it
// The last --enable-features wins, so this one repeats what Playwright enables to keep the browser off the network.
const vulkan = "--enable-features=Vulkan,SkipListAccountsWithoutGaiaCookies";

/** Software rendering by the SwiftShader that every Chromium carries: works where a broken driver spoils the rest. */
const software = [webgpu, "--use-webgpu-adapter=swiftshader"];

/**
 * Command-line flags in the order to try them, each set until one gives an adapter, and the first that gives a real GPU
 * before any other. Headless Chromium on Linux draws with SwiftShader unless ANGLE is told otherwise, and then keeps
 * real GPUs from WebGPU too; but on a machine without any Vulkan driver ANGLE on Vulkan leaves WebGPU without an adapter
 * (measured with Chromium 156), so that set comes first only where there is a GPU to win.
 */
export function flagSets(machine: Pick<Machine, "platform">, hasGpu: boolean): readonly (readonly string[])[] {
  if (machine.platform !== "linux") return [[webgpu], software];
  const anyDriver = [webgpu, vulkan];
  const realGpu = [webgpu, vulkan, "--use-angle=vulkan", "--disable-vulkan-surface"]; // no display, so no surface
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
