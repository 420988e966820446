import type { DeviceProfile } from "../gpu/profile.ts";
import { type Node, type Shape, sizeOf } from "../node/node.ts";
import type { Launch } from "../plan/launch.ts";
import { resampleBilinear } from "../shaders/resample/bilinear.generated.ts";
import { resampleBilinearAdjoint } from "../shaders/resample/bilinear_adjoint.generated.ts";
import type { Shader } from "../shaders/shader.ts";
import { imageKernel, imagesToImages, lanesOf } from "./launch.ts";

// The faces of shaders/resample. Small images are [B, HEIGHT, WIDTH, C], large ones [B, OUT_HEIGHT, OUT_WIDTH, C],
// though the second may be the smaller ones.

export const bilinearKernel = (node: Node, profile: DeviceProfile): Launch =>
  resampleKernel(resampleBilinear, node, profile, node.inputs[0].shape, node.shape);

export const bilinearAdjointKernel = (node: Node, profile: DeviceProfile): Launch =>
  resampleKernel(resampleBilinearAdjoint, node, profile, node.shape, node.inputs[0].shape);

function resampleKernel(shader: Shader, node: Node, profile: DeviceProfile, small: Shape, large: Shape): Launch {
  const lanes = lanesOf(small[3]);
  return {
    ...imageKernel(
      shader,
      { lanes, result: node.shape, arrays: { Small: sizeOf(small), Large: sizeOf(large) } },
      { HEIGHT: small[1], WIDTH: small[2], OUT_HEIGHT: large[1], OUT_WIDTH: large[2] },
      profile,
    ),
    shape: imagesToImages(node),
    flops: 8 * sizeOf(large),
  };
}
