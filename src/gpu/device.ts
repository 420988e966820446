import { ReparamError } from "../errors.ts";
import { NO_ADAPTER, noWebGpu, place } from "./missing.ts";
import { type ChoiceTable, type DeviceProfile, REDUCTIONS } from "./profile.ts";
import { consecutiveLanes } from "./quads.ts";

export interface AdapterDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** True for a software adapter: a processor that emulates a GPU. */
  readonly fallback: boolean;
}

/** A WebGPU device, and what the rest of the library has to know of it. */
export interface Device {
  readonly gpu: GPUDevice;
  /** Where the device comes from, held because Dawn frees a device whose instance is collected. */
  readonly entry: GPU;
  readonly adapter: AdapterDescription;
  readonly profile: DeviceProfile;
  /** Waits for a GPU promise in the way that is cheapest on this host. */
  settle<T>(promise: Promise<T>): Promise<T>;
  /** Throws the first error that no call was there to receive, or the loss of the device. */
  check(): void;
  /** Resolves when the device is lost, with the reason. */
  readonly lost: Promise<ReparamError>;
  dispose(): void;
}

export interface DeviceOptions {
  /** Where WebGPU is; by default `navigator.gpu`. */
  readonly gpu?: GPU;
  /** Take nothing beyond WebGPU's default limits and no optional feature. */
  readonly baseline?: boolean;
  readonly settle?: <T>(promise: Promise<T>) => Promise<T>;
}

/** Features that kernels or measurements use where they are present. */
const WANTED_FEATURES = ["subgroups", "timestamp-query", "shader-f16"] as const;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/**
 * Opens the best adapter: real hardware where there is any, with its limits and the features that help.
 * Throws ReparamError "device" where WebGPU or an adapter is missing.
 */
export async function requestDevice({
  gpu,
  baseline = false,
  settle = (promise) => promise,
}: DeviceOptions = {}): Promise<Device> {
  const entry = gpu ?? (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!entry) throw new ReparamError("device", noWebGpu());
  const adapter = await settle(entry.requestAdapter({ powerPreference: "high-performance" }));
  if (!adapter) throw new ReparamError("device", NO_ADAPTER[place()]);
  const features = baseline ? [] : WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  const device = await settle(
    adapter.requestDevice({
      requiredFeatures: features as GPUFeatureName[],
      requiredLimits: baseline ? {} : offeredLimits(adapter),
    }),
  );
  const adapterDescription = describeAdapter(adapter);

  let failure: ReparamError | undefined;
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault?.();
    const { message } = (event as GPUUncapturedErrorEvent).error;
    failure ??= new ReparamError("device", `The GPU refused an operation: ${firstLine(message)}`);
  });
  let disposed = false;
  const lost = device.lost.then(({ reason, message }) => {
    const error = new ReparamError(
      "device",
      `The GPU device was lost (${reason}): ${firstLine(message) || "no reason given"}.`,
    );
    if (!disposed) failure ??= error;
    return error;
  });

  const lanes = device.features.has("subgroups") ? (adapter.info?.subgroupMinSize ?? 0) : 0;
  const consecutive = lanes >= 4 ? await consecutiveOn(adapterKey(adapterDescription), device, settle) : 0;

  return {
    gpu: device,
    entry,
    adapter: adapterDescription,
    profile: {
      adapter: adapterKey(adapterDescription),
      software: adapterDescription.fallback,
      f16: device.features.has("shader-f16"),
      subgroups: consecutive >= 4,
      octets: consecutive === 8,
      textures: entry.wgslLanguageFeatures?.has("readonly_and_readwrite_storage_textures") === true,
      ...REDUCTIONS[adapterDescription.fallback ? "software" : "hardware"],
    },
    settle,
    check: () => {
      if (failure) throw failure;
    },
    lost,
    dispose: () => {
      disposed = true;
      device.destroy();
    },
  };
}

/** Adapters that were found to have consecutive invocations together: one is not asked again in the same process. */
const found = new Map<string, number>();

async function consecutiveOn(adapter: string, device: GPUDevice, settle: Device["settle"]): Promise<number> {
  const consecutive = found.get(adapter) ?? (await consecutiveLanes(device, settle));
  if (consecutive > 0) found.set(adapter, consecutive);
  return consecutive;
}

/** The same device with choices of how products are computed. */
export const withChoices = (device: Device, choices: readonly ChoiceTable[]): Device => ({
  ...device,
  profile: { ...device.profile, choices },
});

/** Choices that were measured, by `adapterKey`. */
export type TunedChoices = Readonly<Record<string, ChoiceTable["entries"]>>;

/** The same device with what was measured on its adapter. */
export function withTuned(device: Device, tuned: TunedChoices = {}): Device {
  const entries = tuned[adapterKey(device.adapter)];
  return entries ? withChoices(device, [{ source: "tuned", entries }]) : device;
}

/** An adapter in one line: what measurements of it are kept under. */
export const adapterKey = ({ vendor, architecture, device, description }: AdapterDescription): string =>
  [vendor, architecture, device, description].join(" | ");

/** Buffers as large, and as many a kernel, as the adapter has; other limits stay at WebGPU's defaults. */
function offeredLimits({ limits }: GPUAdapter): Record<string, number> {
  return {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
  };
}

/** What an adapter says of itself; a browser without `adapter.info` gives one without names. */
export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const info = adapter.info as Partial<GPUAdapterInfo> | undefined;
  const { vendor = "", architecture = "", device = "", description = "" } = info ?? {};
  const fallback = info?.isFallbackAdapter === true || SOFTWARE.test(`${architecture} ${device} ${description}`);
  return { vendor, architecture, device, description, fallback };
}

const firstLine = (text: string): string => text.split("\n", 1)[0].replace(/\.$/, "");
