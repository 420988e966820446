import type { Device } from "../gpu/device.ts";
import type { Plan } from "../plan/plan.ts";

/** What a run's figures depend on beside its config: features, limits, and the kernel variants that were chosen. */
export function environmentOf({ gpu, profile }: Device, plan: Plan): { [key: string]: unknown } {
  const { limits } = gpu;
  const { choices: _, ...abilities } = profile;
  return {
    features: [...gpu.features].sort(),
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
    profile: abilities,
    // Of a product also how it is computed, and who chose that: `matmul/subgroup 128x784x400 NN: subgroup 8 (tuned)`.
    kernels: plan.dispatches.map(({ kernel, shape, product }) =>
      [`${kernel} ${shape}`, product && `: ${product.choice} (${product.source})`].join(""),
    ),
  };
}
