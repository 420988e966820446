import { setMaxListeners } from "node:events";

const kept = new WeakMap<GPU, GPU>();

/**
 * A GPU that gives the same device to everyone who asks for the same, and lets nobody destroy it: kernels are compiled once
 * a process and not once a job. For tests that do not look at what becomes of devices.
 */
export function keptGpu(entry: GPU): GPU {
  let gpu = kept.get(entry);
  if (!gpu) kept.set(entry, (gpu = keeping(entry)));
  return gpu;
}

function keeping(entry: GPU): GPU {
  const devices = new Map<string, Promise<GPUDevice>>();
  const requestAdapter: GPU["requestAdapter"] = async (options) => {
    const adapter = await entry.requestAdapter(options);
    if (!adapter) return null;
    const request = adapter.requestDevice.bind(adapter);
    const requestDevice = (descriptor?: GPUDeviceDescriptor): Promise<GPUDevice> => {
      const key = JSON.stringify(descriptor ?? {});
      let device = devices.get(key);
      if (!device) devices.set(key, (device = request(descriptor).then(undying)));
      return device;
    };
    return Object.defineProperty(adapter, "requestDevice", { value: requestDevice, configurable: true });
  };
  return { requestAdapter, wgslLanguageFeatures: entry.wgslLanguageFeatures } as GPU;
}

/** Everyone who asks for it listens to its errors, so there may be many who do. */
function undying(device: GPUDevice): GPUDevice {
  setMaxListeners(0, device);
  return Object.defineProperty(device, "destroy", { value: () => {}, configurable: true });
}
