import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ReparamError } from "../errors.ts";
import { copyMessage } from "./frame.ts";
import type { Host, RunJob } from "./job.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { failedWith, throwIfFailed } from "./outcome.ts";
import { type ProvenHost, probe, probeHost } from "./probe.ts";
import { swiftShaderFolders, withSwiftShader } from "./swiftshader.ts";

type Dawn = typeof import("webgpu");

/**
 * Opens Dawn (the optional package `webgpu`) in this process, to run jobs by `runJob` (the probe alone
 * by default), and proves it with one. Where no Vulkan driver of the
 * system gives an adapter, it takes the SwiftShader of an installed Chromium, and says so.
 * Throws code "device" when the package is missing, does not load, or finds no adapter.
 */
export async function openDawn({
  say,
  runJob = probe,
}: {
  say: (line: string) => void;
  runJob?: RunJob;
}): Promise<ProvenHost> {
  const { gpu } = await openDawnGpu(say);
  const host = dawnHost(gpu, runJob);
  return { host, adapter: await probeHost(host) };
}

/** Dawn's `navigator.gpu`, sure to have an adapter, with its globals defined; `settle` is how to wait for its promises. */
export async function openDawnGpu(say: (line: string) => void): Promise<{ gpu: GPU; settle: typeof settle }> {
  const dawn = await loadDawn();
  Object.assign(globalThis, dawn.globals);
  const gpu = (await gpuWithAdapter(dawn)) ?? (await gpuOnSwiftShader(dawn, say));
  if (!gpu) throw new ReparamError("device", missingDriver(thisMachine));
  return { gpu, settle };
}

/** Dawn as a host; the job runs in this process and this thread. Tests bring jobs of their own. */
export function dawnHost(gpu: GPU, runJob: RunJob): Host {
  return {
    kind: "dawn",
    version: `Dawn (webgpu ${packageVersion()})`,
    async run(job, receive, signal = new AbortController().signal) {
      let last = Promise.resolve();
      // Copies, as a browser would make: a job may reuse its arrays, and a receiver may keep what it got.
      const emit: Parameters<RunJob>[1]["emit"] = (message) => {
        const copy = copyMessage(message);
        last = last.then(() => receive(copy));
        last.catch(() => {}); // a job need not await every message; the end of the run does
        return last;
      };
      const outcome = await runJob(copyMessage(job), { gpu, settle, emit, signal }).then(() => ({}), failedWith);
      await last;
      throwIfFailed(outcome);
    },
    async close() {},
  };
}

const sleepCell = new Int32Array(new SharedArrayBuffer(4));
const eventLoopTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Waits for a GPU promise in sleeps of 1 ms. While one is pending Dawn turns Node's event loop without a pause, which
 * halves the speed of a software GPU on two cores; the first turns go without sleep, so that short waits stay short
 * (measured: 0.09 ms a map instead of 0.3).
 */
async function settle<T>(promise: Promise<T>): Promise<T> {
  let pending = true;
  const done = () => {
    pending = false;
  };
  promise.then(done, done);
  for (let turn = 0; pending; turn++) {
    if (turn > 8) Atomics.wait(sleepCell, 0, 0, 1);
    await eventLoopTurn();
  }
  return promise;
}

async function loadDawn(): Promise<Dawn> {
  try {
    return await import("webgpu");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_MODULE_NOT_FOUND") {
      throw new ReparamError("device", "Dawn is not installed: run `npm install webgpu`, or take --host chromium.");
    }
    throw new ReparamError("device", `Dawn (the package webgpu) does not load here: ${message.split("\n")[0]}.`);
  }
}

/** A GPU that has an adapter, with Dawn's prints to stdout turned off. */
async function gpuWithAdapter(dawn: Dawn): Promise<GPU | undefined> {
  const gpu = dawn.create([]);
  const adapter = await settle(gpu.requestAdapter({ powerPreference: "high-performance" }));
  if (!adapter) return undefined;
  keepErrorsOffStdout(adapter);
  return gpu;
}

/**
 * Dawn for Node prints an uncaptured error to stdout, among our JSON lines, unless a listener prevents the default.
 * Other listeners still get the error. (Its warnings go to stderr.)
 */
function keepErrorsOffStdout(adapter: GPUAdapter): void {
  const prototype = Object.getPrototypeOf(adapter) as GPUAdapter & { quiet?: true };
  if (prototype.quiet) return;
  prototype.quiet = true;
  const { requestDevice } = prototype;
  prototype.requestDevice = async function (this: GPUAdapter, descriptor) {
    const device = await requestDevice.call(this, descriptor);
    device.addEventListener("uncapturederror", (event) => event.preventDefault());
    return device;
  };
}

async function gpuOnSwiftShader(dawn: Dawn, say: (line: string) => void): Promise<GPU | undefined> {
  if (process.env.VK_DRIVER_FILES) return undefined; // a choice already made, and not ours to overrule
  for (const folder of swiftShaderFolders()) {
    const gpu = await withSwiftShader(folder, () => gpuWithAdapter(dawn));
    if (gpu) {
      say(`No Vulkan driver of this system works with Dawn; using the SwiftShader of ${folder}.`);
      return gpu;
    }
  }
  return undefined;
}

function missingDriver({ platform, env }: Machine): string {
  if (platform !== "linux") return "Dawn found no adapter: update the graphics driver, or take --host chromium.";
  if (env.VK_DRIVER_FILES)
    return `Dawn found no adapter among the Vulkan drivers of VK_DRIVER_FILES, ${env.VK_DRIVER_FILES}.`;
  return (
    "Dawn found no Vulkan driver that it can use (Debian 12's own mesa-vulkan-drivers is too old): install the GPU's " +
    "Vulkan driver, mesa-vulkan-drivers 24 or later, or Chromium, whose SwiftShader does too."
  );
}

function packageVersion(): string {
  const file = join(dirname(fileURLToPath(import.meta.resolve("webgpu"))), "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
