import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { link } from "../kernels/link.ts";
import type { Shader } from "../shaders/shader.ts";

interface Entries {
  readonly vertex: string;
  readonly fragment: string;
  /** How corners make triangles; each three by default. */
  readonly topology?: GPUPrimitiveTopology;
}

/** What is drawn lies over what is there, its colours times its strength. */
const OVER: GPUBlendComponent = { srcFactor: "one", dstFactor: "one-minus-src-alpha" };

/** Throws ReparamError "compile" where the adapter refuses the shader. */
export async function renderPipeline(
  device: Device,
  shader: Shader,
  format: GPUTextureFormat,
  { vertex, fragment, topology = "triangle-list" }: Entries,
): Promise<GPURenderPipeline> {
  const module = device.gpu.createShaderModule({ code: link(shader), label: shader.path });
  try {
    return await device.settle(
      device.gpu.createRenderPipelineAsync({
        label: shader.path,
        layout: "auto",
        vertex: { module, entryPoint: vertex },
        fragment: {
          module,
          entryPoint: fragment,
          targets: [{ format, blend: { color: OVER, alpha: OVER } }],
        },
        primitive: { topology },
      }),
    );
  } catch (error) {
    device.check();
    throw new ReparamError("compile", `The adapter refuses ${shader.path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
