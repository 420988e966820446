type Settle = <T>(promise: Promise<T>) => Promise<T>;

const INVOCATIONS = 64;

const SHADER = /* wgsl */ `enable subgroups;
@group(0) @binding(0) var<storage, read_write> swapped: array<vec4u, ${INVOCATIONS}>;
@compute @workgroup_size(${INVOCATIONS}) fn main(@builtin(local_invocation_index) i: u32) {
  swapped[i] = vec4u(quadSwapX(i), quadSwapY(i), quadSwapDiagonal(i), subgroupShuffleXor(i, 4));
}`;

/**
 * How many consecutive invocations are together, 8, 4 or 0, by whom the swaps of invocation i came from, [x, y, diagonal, by 4] each: four
 * are a quad, eight are in one subgroup.
 */
export function togetherIn(swapped: ArrayLike<number>): 0 | 4 | 8 {
  const swapsBy = (bits: number, k: number) =>
    Array.from({ length: INVOCATIONS }, (_, i) => swapped[4 * i + k] === (i ^ bits)).every(Boolean);
  if (![1, 2, 3].every((bits) => swapsBy(bits, bits - 1))) return 0;
  return swapsBy(4, 3) ? 8 : 4;
}

/**
 * How many consecutive invocations of a workgroup are together, 8, 4 or 0, which the subgroup products (shaders/matmul/subgroup.wgsl)
 * build on and WGSL does not promise: tried out by one launch. 0 where the launch fails.
 */
export async function consecutiveLanes(gpu: GPUDevice, settle: Settle): Promise<0 | 4 | 8> {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const size = 16 * INVOCATIONS;
  const swapped = gpu.createBuffer({ size, usage: STORAGE | COPY_SRC });
  const staging = gpu.createBuffer({ size, usage: MAP_READ | COPY_DST });
  gpu.pushErrorScope("validation");
  try {
    const module = gpu.createShaderModule({ code: SHADER });
    const pipeline = gpu.createComputePipeline({ layout: "auto", compute: { module } });
    const layout = pipeline.getBindGroupLayout(0);
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, gpu.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: swapped } }] }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(swapped, 0, staging, 0, size);
    gpu.queue.submit([encoder.finish()]);
    await settle(staging.mapAsync(GPUMapMode.READ));
    return togetherIn(new Uint32Array(staging.getMappedRange()));
  } catch {
    return 0;
  } finally {
    await settle(gpu.popErrorScope()).catch(() => {});
    swapped.destroy();
    staging.destroy();
  }
}
