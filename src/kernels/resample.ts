import { type Node, type Shape, sizeOf } from "../graph/node.ts";
import { imagesToImages, type Launch, lanesOf, valueKernel } from "./launch.ts";

// The faces of shaders/resample. Small images are [B, HEIGHT, WIDTH, C], large ones [B, OUT_HEIGHT, OUT_WIDTH, C],
// though the second may be the smaller ones.

export const bilinearKernel = (node: Node): Launch =>
  resampleKernel("bilinear", node, node.inputs[0].shape, node.shape);

export const bilinearAdjointKernel = (node: Node): Launch =>
  resampleKernel("bilinear_adjoint", node, node.shape, node.inputs[0].shape);

function resampleKernel(shader: string, node: Node, small: Shape, large: Shape): Launch {
  const lanes = lanesOf(small[3]);
  return {
    ...valueKernel(
      `resample/${shader}`,
      { lanes, items: sizeOf(node.shape), arrays: { Small: sizeOf(small), Large: sizeOf(large) } },
      { HEIGHT: small[1], WIDTH: small[2], CHANNELS: small[3] / lanes, OUT_HEIGHT: large[1], OUT_WIDTH: large[2] },
    ),
    shape: imagesToImages(node),
    flops: 8 * sizeOf(large),
  };
}
