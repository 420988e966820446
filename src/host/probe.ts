import { ReparamError } from "../errors.ts";
import { describeAdapter } from "../gpu/device.ts";
import type { Host, Json, RunJob } from "./job.ts";

/** A GPU as it describes itself, and what of its abilities reparam makes use of. */
export interface AdapterReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** True for a software adapter. */
  readonly fallback: boolean;
  /** Lanes of a subgroup; 0 where the adapter does not say. */
  readonly subgroupSizes: readonly [smallest: number, largest: number];
  readonly limits: { readonly [name: string]: number };
  /** Sorted by name. */
  readonly features: readonly string[];
}

const count = 64;
const squareShader = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> values: array<f32, ${count}>;
@compute @workgroup_size(${count}) fn square(@builtin(local_invocation_index) i: u32) {
  values[i] = values[i] * values[i];
}`;

/**
 * The job `probe`: squares the f32 numbers of the blob `values` on the GPU and emits one message, its body an
 * `AdapterReport` under `adapter`, with the blob `squares`. It is how an adapter proves that it computes.
 */
export const probe: RunJob = async (job, { gpu, settle, emit }) => {
  const adapter = await settle(gpu.requestAdapter({ powerPreference: "high-performance" }));
  if (!adapter) throw new ReparamError("device", "WebGPU is there, but it found no adapter.");
  const device = await settle(adapter.requestDevice());
  try {
    const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const bytes = count * Float32Array.BYTES_PER_ELEMENT;
    const values = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST });
    const squares = device.createBuffer({ size: bytes, usage: COPY_DST | MAP_READ });
    const module = device.createShaderModule({ code: squareShader });
    const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
    const layout = pipeline.getBindGroupLayout(0);
    const bindGroup = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: values } }] });
    device.queue.writeBuffer(values, 0, job.blobs!.values as Uint8Array<ArrayBuffer>);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(values, 0, squares, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await settle(squares.mapAsync(GPUMapMode.READ));
    const result = new Uint8Array(squares.getMappedRange().slice(0));
    await emit({ body: { adapter: reportOf(adapter) }, blobs: { squares: result } });
  } finally {
    device.destroy();
  }
};

/** A host, and the adapter with which it computed the probe. */
export interface ProvenHost {
  readonly host: Host;
  readonly adapter: AdapterReport;
}

/** Runs the job `probe` on a host. Throws code "device" where there is no adapter, or one that computes wrongly. */
export async function probeHost(host: Host): Promise<AdapterReport> {
  const values = Float32Array.from({ length: count }, (_, i) => i - 20.5);
  let report: AdapterReport | undefined;
  let squares = new Float32Array(0);
  await host.run({ body: { kind: "probe" }, blobs: { values: new Uint8Array(values.buffer) } }, ({ body, blobs }) => {
    report = body.adapter as unknown as AdapterReport;
    squares = new Float32Array(blobs!.squares.slice().buffer);
  });
  // Half-integers below 2¹²: their squares are exact in f32.
  if (!report || !values.every((value, i) => squares[i] === value * value)) {
    throw new ReparamError("device", "WebGPU answered, but it computed wrong numbers.");
  }
  return report;
}

/** An adapter in words: whatever it says of itself, and whether it is software. */
export function adapterName(adapter: AdapterReport): string {
  const { description, vendor, architecture, fallback } = adapter;
  return `${description || `${vendor} ${architecture}`.trim() || "unnamed adapter"}${fallback ? " (software)" : ""}`;
}

function reportOf(adapter: GPUAdapter): Json {
  const { limits, features } = adapter;
  const info = adapter.info as GPUAdapterInfo | undefined;
  const named: Record<string, number> = {};
  for (const name in limits) {
    const value = limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") named[name] = value;
  }
  return {
    ...describeAdapter(adapter),
    subgroupSizes: [info?.subgroupMinSize ?? 0, info?.subgroupMaxSize ?? 0],
    limits: named,
    features: [...features].sort(),
  };
}
