import type { Device } from "../gpu/device.ts";
import type { Owner } from "../gpu/owner.ts";
import { type Plan, rowBytes, TEXTURE_WIDTH, type TextureFormat, texturesOf } from "../plan/plan.ts";

/** The textures of a program, which its launches fill one after the other. */
export interface OperandTextures {
  /** What a bind group has in the buffer's place. */
  viewOf(binding: number, format: TextureFormat): GPUTextureView;
  /** What copies part of a buffer into the texture of a binding. */
  copyTo(binding: number, format: TextureFormat, from: BufferPart): (encoder: GPUCommandEncoder) => void;
}

export interface BufferPart {
  readonly buffer: GPUBuffer;
  /** Bytes; multiples of a texel. */
  readonly offset: number;
  readonly size: number;
}

export function createOperandTextures({ gpu }: Device, plan: Plan, { own }: Owner): OperandTextures {
  const textures = new Map(
    texturesOf(plan).map(({ binding, format, height }) => {
      const texture = own(
        gpu.createTexture({
          label: `operand ${binding}`,
          size: [TEXTURE_WIDTH, height],
          format,
          usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.COPY_DST,
        }),
      );
      return [keyOf(binding, format), { texture, view: texture.createView() }];
    }),
  );
  return {
    viewOf: (binding, format) => textures.get(keyOf(binding, format))!.view,
    copyTo: (binding, format, { buffer, offset, size }) => {
      const { texture } = textures.get(keyOf(binding, format))!;
      const bytesPerRow = rowBytes(format);
      const whole = Math.floor(size / bytesPerRow);
      const rest = ((size % bytesPerRow) / bytesPerRow) * TEXTURE_WIDTH;
      const from = { buffer, offset, bytesPerRow };
      const last = { ...from, offset: offset + whole * bytesPerRow };
      const behind = { texture, origin: [0, whole] };
      return (encoder) => {
        if (whole > 0) encoder.copyBufferToTexture(from, { texture }, [TEXTURE_WIDTH, whole]);
        if (rest > 0) encoder.copyBufferToTexture(last, behind, [rest]);
      };
    },
  };
}

const keyOf = (binding: number, format: TextureFormat): string => `${binding} ${format}`;
