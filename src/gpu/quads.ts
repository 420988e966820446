type Settle = <T>(promise: Promise<T>) => Promise<T>;

const INVOCATIONS = 64;

const SHADER = /* wgsl */ `enable subgroups;
@group(0) @binding(0) var<storage, read_write> swapped: array<vec3u, ${INVOCATIONS}>;
@compute @workgroup_size(${INVOCATIONS}) fn main(@builtin(local_invocation_index) i: u32) {
  swapped[i] = vec3u(quadSwapX(i), quadSwapY(i), quadSwapDiagonal(i));
}`;

/** Whether the swaps of invocation i, [x, y, diagonal, padding] each, came from those beside it among four consecutive ones. */
export const areConsecutive = (swapped: ArrayLike<number>): boolean =>
  Array.from({ length: INVOCATIONS }, (_, i) => [1, 2, 3].every((by) => swapped[4 * i + by - 1] === (i ^ by))).every(
    Boolean,
  );

/**
 * Whether four consecutive invocations of a workgroup are a quad, which the subgroup products (shaders/matmul/subgroup.wgsl)
 * build on and WGSL does not promise: tried out by one launch. False where the launch fails.
 */
export async function hasConsecutiveQuads(gpu: GPUDevice, settle: Settle): Promise<boolean> {
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
    return areConsecutive(new Uint32Array(staging.getMappedRange()));
  } catch {
    return false;
  } finally {
    await settle(gpu.popErrorScope()).catch(() => {});
    swapped.destroy();
    staging.destroy();
  }
}
