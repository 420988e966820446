import { constants } from "node:os";
import { dirname, join } from "node:path";
import { candidatesHere } from "./browser.ts";
import { thisMachine } from "./machine.ts";

/** The folders of installed browsers that carry SwiftShader, a Vulkan driver in software; Linux only. */
export function swiftShaderFolders(): string[] {
  if (thisMachine.platform !== "linux") return [];
  const browsers = candidatesHere().filter(({ path }) => thisMachine.isFile(path));
  const folders = browsers.map(({ path }) => dirname(thisMachine.realPath(path)));
  return [...new Set(folders)].filter((folder) => thisMachine.isFile(driverIn(folder)));
}

/**
 * Calls `create` while a browser's SwiftShader is this process's only Vulkan driver. The driver stays loaded for what
 * `create` made; the environment does not keep the change, which would hide their own drivers from browsers.
 */
export async function withSwiftShader<T>(folder: string, create: () => Promise<T>): Promise<T> {
  loadVulkanLoader(join(folder, "libvulkan.so.1"));
  const before = process.env.VK_DRIVER_FILES;
  process.env.VK_DRIVER_FILES = driverIn(folder);
  try {
    return await create();
  } finally {
    if (before === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = before;
  }
}

const driverIn = (folder: string) => join(folder, "vk_swiftshader_icd.json");

/**
 * Loads a browser's own Vulkan loader for good, so that Dawn, which asks for it by name, finds it where the system has
 * none. It is no Node module, so process.dlopen complains once it is loaded; RTLD_NODELETE makes it stay.
 */
function loadVulkanLoader(path: string): void {
  const nodelete = 0x1000;
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | nodelete);
  } catch {}
}
