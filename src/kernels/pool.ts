import type { DeviceProfile } from "../gpu/profile.ts";
import { poolAttributes } from "../node/images.ts";
import { type Node, type Shape, sizeOf } from "../node/node.ts";
import type { Launch } from "../plan/launch.ts";
import { poolAverage } from "../shaders/pool/average.generated.ts";
import { poolAverageAdjoint } from "../shaders/pool/average_adjoint.generated.ts";
import { poolMax } from "../shaders/pool/max.generated.ts";
import { poolSelect } from "../shaders/pool/select.generated.ts";
import { poolSelectAdjoint } from "../shaders/pool/select_adjoint.generated.ts";
import type { Shader } from "../shaders/shader.ts";
import { imageKernel, imagesToImages, lanesOf } from "./launch.ts";

// The faces of shaders/pool. Images are [B, H, W, C], windows [B, OH, OW, C], one of them what the node computes.

/** The maximum of each window of x, or the tap that holds it. */
export const maxKernel = (node: Node, profile: DeviceProfile, index: boolean): Launch =>
  poolKernel(poolMax, node, profile, {
    images: node.inputs[0].shape,
    windows: node.shape,
    constants: { INDEX: Number(index) },
  });

/** What lies at the given tap of each window of x. */
export const selectKernel = (node: Node, profile: DeviceProfile): Launch =>
  // Neighbouring channels choose different taps, so there is no vec4f to load.
  poolKernel(poolSelect, node, profile, { images: node.inputs[0].shape, windows: node.shape, lanes: 1 });

export const selectAdjointKernel = (node: Node, profile: DeviceProfile): Launch =>
  poolKernel(poolSelectAdjoint, node, profile, { images: node.shape, windows: node.inputs[0].shape });

/** The mean of each window of x. */
export const averageKernel = (node: Node, profile: DeviceProfile): Launch =>
  poolKernel(poolAverage, node, profile, {
    images: node.inputs[0].shape,
    windows: node.shape,
    constants: countOf(node),
  });

export const averageAdjointKernel = (node: Node, profile: DeviceProfile): Launch =>
  poolKernel(poolAverageAdjoint, node, profile, {
    images: node.shape,
    windows: node.inputs[0].shape,
    constants: countOf(node),
  });

const countOf = ({ attributes }: Node) => ({ COUNT_PADDING: Number(attributes.countPadding) });

interface Pooling {
  readonly images: Shape;
  readonly windows: Shape;
  readonly constants?: Readonly<Record<string, number>>;
  readonly lanes?: 1 | 4;
}

function poolKernel(
  shader: Shader,
  node: Node,
  profile: DeviceProfile,
  { images, windows, constants, lanes = lanesOf(images[3]) }: Pooling,
): Launch {
  const { kernel, stride, padding } = poolAttributes(node);
  return {
    ...imageKernel(
      shader,
      { lanes, result: node.shape, arrays: { Images: sizeOf(images), Windows: sizeOf(windows) } },
      {
        HEIGHT: images[1],
        WIDTH: images[2],
        OUT_HEIGHT: windows[1],
        OUT_WIDTH: windows[2],
        KERNEL_H: kernel[0],
        KERNEL_W: kernel[1],
        STRIDE_H: stride[0],
        STRIDE_W: stride[1],
        TOP: padding[0],
        LEFT: padding[2],
        ...constants,
      },
      profile,
    ),
    shape: `${imagesToImages(node)} k${kernel.join("x")} s${stride.join("x")}`,
    flops: sizeOf(windows) * kernel[0] * kernel[1],
  };
}
