import type { Device } from "../gpu/device.ts";
import type { Owner } from "../gpu/owner.ts";
import { type Plan, rowBytes, TEXTURE_WIDTH, type TextureFormat, texturesOf } from "../plan/plan.ts";

/** The textures of a program, which its launches fill one after the other. */
export interface OperandTextures {
  /** What a bind group has in the buffer's place. */
  viewOf(binding: number, format: TextureFormat): GPUTextureView;
  /** Copies part of a buffer into the texture of a binding, TEXTURE_WIDTH texels a row. */
  fill(encoder: GPUCommandEncoder, binding: number, format: TextureFormat, from: BufferPart): void;
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
    fill: (encoder, binding, format, { buffer, offset, size }) => {
      const { texture } = textures.get(keyOf(binding, format))!;
      const bytesPerRow = rowBytes(format);
      const whole = Math.floor(size / bytesPerRow);
      const rest = ((size % bytesPerRow) / bytesPerRow) * TEXTURE_WIDTH;
      const copy = (row: number, width: number, height: number) =>
        encoder.copyBufferToTexture(
          { buffer, offset: offset + row * bytesPerRow, bytesPerRow },
          { texture, origin: [0, row] },
          [width, height],
        );
      if (whole > 0) copy(0, TEXTURE_WIDTH, whole);
      if (rest > 0) copy(whole, rest, 1);
    },
  };
}

const keyOf = (binding: number, format: TextureFormat): string => `${binding} ${format}`;
