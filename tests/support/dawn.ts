import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Device, requestDevice } from "../../src/gpu/device.ts";
import { keptGpu } from "./kept-gpu.ts";
import { long } from "./long.ts";

/** A Vulkan driver that needs no GPU. */
export type Driver = "lavapipe" | "swiftshader";

/** Where Debian and playwright-core's own Chromium keep the two drivers. */
export function driverFile(driver: Driver): string | undefined {
  const browsers = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), ".cache/ms-playwright");
  const downloaded = existsSync(browsers) ? readdirSync(browsers).filter((name) => name.startsWith("chromium-")) : [];
  const candidates = {
    lavapipe: ["lvp_icd.json", "lvp_icd.x86_64.json"].map((name) => join("/usr/share/vulkan/icd.d", name)),
    swiftshader: [
      "/usr/lib/chromium",
      ...downloaded.flatMap((name) => [join(browsers, name, "chrome-linux64"), join(browsers, name, "chrome-linux")]),
    ].map((folder) => join(folder, "vk_swiftshader_icd.json")),
  };
  return candidates[driver].find((file) => existsSync(file));
}

/** The quicker one first. */
const installedDrivers: readonly Driver[] = (["lavapipe", "swiftshader"] as const).filter(
  (driver) => driverFile(driver) !== undefined,
);

/** What a test that compares adapters loops over: every driver installed, or just the one that VK_DRIVER_FILES names. */
export const drivers: readonly (Driver | undefined)[] =
  process.env.VK_DRIVER_FILES !== undefined || installedDrivers.length === 0 ? [undefined] : installedDrivers;

/** The drivers of tests that would show the same on each: the one that compiles in least time, and all in the long suite. */
export const quickDrivers: readonly (Driver | undefined)[] = long ? drivers : drivers.slice(-1);

// Dawn's device does not keep its instance alive, so the instances are held here.
const instances: GPU[] = [];
const devices = new Map<Driver | "default", Promise<GPUDevice | undefined>>();

/**
 * The Dawn device of this process, made once a driver. Without an argument: the driver that VK_DRIVER_FILES names, else
 * the quickest software driver that is installed, else whatever Vulkan finds. `undefined` where Dawn or an adapter is missing.
 */
export function dawnDevice(driver?: Driver): Promise<GPUDevice | undefined> {
  const chosen = driver ?? (process.env.VK_DRIVER_FILES === undefined ? installedDrivers[0] : undefined) ?? "default";
  let device = devices.get(chosen);
  if (device === undefined) devices.set(chosen, (device = openDevice(chosen)));
  return device;
}

async function openDevice(driver: Driver | "default"): Promise<GPUDevice | undefined> {
  return withDawn(driver, async (gpu) => {
    const adapter = await settle(gpu.requestAdapter());
    if (adapter === null) return undefined;
    const device = await settle(adapter.requestDevice());
    device.addEventListener("uncapturederror", (event) => {
      throw event.error;
    });
    return device;
  });
}

/** WebGPU on a driver, by an instance of its own. `undefined` where Dawn or the driver is missing. */
export const dawnGpu = (driver: Driver | undefined): Promise<GPU | undefined> =>
  withDawn(driver ?? "default", async (gpu) => ((await settle(gpu.requestAdapter())) === null ? undefined : gpu));

const engineDevices = new Map<string, Promise<Device | undefined>>();

/**
 * The library's own device on a driver, made once a process: the one that `keptGpu` gives, so that what is compiled on it is there
 * for both. `undefined` where Dawn or an adapter is missing.
 */
export function engineDevice(driver: Driver | undefined, baseline = false): Promise<Device | undefined> {
  const key = `${driver} ${baseline}`;
  let device = engineDevices.get(key);
  if (device === undefined) {
    device = withDawn(driver ?? "default", async (gpu) => {
      if ((await settle(gpu.requestAdapter())) === null) return undefined;
      return { ...(await requestDevice({ gpu: keptGpu(gpu), baseline, settle })), entry: gpu };
    });
    engineDevices.set(key, device);
  }
  return device;
}

/** Opens an instance of Dawn on a driver; `undefined` where Dawn or the driver is missing. */
async function withDawn<T>(driver: Driver | "default", open: (gpu: GPU) => Promise<T>): Promise<T | undefined> {
  const dawn = await import("webgpu").catch(() => undefined);
  if (dawn === undefined) return undefined;
  Object.assign(globalThis, dawn.globals);
  // The Vulkan loader reads the variable when Dawn opens its instance, so two drivers can live in one process.
  const before = process.env.VK_DRIVER_FILES;
  if (driver !== "default") {
    const file = driverFile(driver);
    if (file === undefined) return undefined;
    process.env.VK_DRIVER_FILES = file;
  }
  try {
    const instance = dawn.create([]);
    instances.push(instance);
    return await open(instance);
  } finally {
    if (before === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = before;
  }
}

/**
 * Waits for a GPU promise in sleeps of 1 ms: Dawn in Node spins the main thread while a promise is pending, which
 * takes a core from a software adapter.
 */
export async function settle<T>(promise: Promise<T>): Promise<T> {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  let settled = false;
  const done = promise.finally(() => (settled = true));
  done.catch(() => {}); // the caller gets the rejection from the await below
  while (!settled) {
    Atomics.wait(clock, 0, 0, 1);
    await nextTurn();
  }
  return await done;
}

/** Contents of one storage buffer. */
export type ShaderBuffer = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/**
 * Runs the entry point `main` once and returns what every buffer holds afterwards, each as the kind of array it came as.
 * Buffer i is the storage buffer `@group(0) @binding(i)`. Throws the compiler's messages where the WGSL is refused.
 */
export async function runShader<T extends readonly ShaderBuffer[]>(
  device: GPUDevice,
  wgsl: string,
  buffers: T,
  workgroups: number | readonly [number, number?, number?],
): Promise<T> {
  const module = device.createShaderModule({ code: wgsl });
  const messages = (await settle(module.getCompilationInfo())).messages.filter(({ type }) => type === "error");
  if (messages.length > 0) {
    throw new Error(messages.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`).join("\n"));
  }
  const pipeline = await settle(
    device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } }),
  );
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const storage = buffers.map((data) => {
    const buffer = device.createBuffer({ size: data.byteLength, usage: STORAGE | COPY_DST | COPY_SRC });
    device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  });
  const staging = buffers.map((data) => device.createBuffer({ size: data.byteLength, usage: COPY_DST | MAP_READ }));

  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: storage.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
  const [x, y = 1, z = 1] = typeof workgroups === "number" ? [workgroups] : workgroups;
  pass.dispatchWorkgroups(x, y, z);
  pass.end();
  for (const [i, buffer] of storage.entries()) encoder.copyBufferToBuffer(buffer, 0, staging[i], 0, buffer.size);
  device.queue.submit([encoder.finish()]);

  await settle(Promise.all(staging.map((buffer) => buffer.mapAsync(GPUMapMode.READ))));
  const results = staging.map((buffer, i) => {
    const Kind = buffers[i].constructor as new (bytes: ArrayBuffer) => ShaderBuffer;
    return new Kind(buffer.getMappedRange().slice(0));
  });
  for (const buffer of [...storage, ...staging]) buffer.destroy();
  return results as unknown as T;
}
