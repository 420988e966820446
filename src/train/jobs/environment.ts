import type { Plan } from "../../compiler/plan.ts";
import type { Device } from "../../gpu/device.ts";

/** What a run's figures depend on beside its config: features, limits, and the kernel variants that were chosen. */
export function environmentOf({ gpu, profile }: Device, plan: Plan): { [key: string]: unknown } {
  const { limits } = gpu;
  return {
    features: [...gpu.features].sort(),
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
    profile,
    kernels: plan.dispatches.map(({ kernel, shape }) => `${kernel} ${shape}`),
  };
}
