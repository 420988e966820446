import { ReparamError } from "../errors.ts";
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from "../formats/safetensors.ts";
import type { Plan } from "../plan/plan.ts";

/**
 * A decoder as a safetensors file: its weights by their names, and in the metadata the plan of its kernels, with their WGSL, so
 * that running it takes no compiler.
 */
export interface DecoderFile {
  /** Rows of one run of the plan; its external buffers are "parameters" and the inputs by name. */
  readonly rows: number;
  /** Shapes of what it takes, by name; `code` is one of them. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** The shape of one result. */
  readonly shape: readonly number[];
  readonly plan: Plan;
  /** Bytes of the buffer of weights, and where in it each lies. */
  readonly bytes: number;
  readonly offsets: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
}

/** Goes up when files of before cannot be read as they are. */
const FORMAT = "reparam decoder 1";

export function encodeDecoder({ weights, ...decoder }: DecoderFile): Uint8Array<ArrayBuffer> {
  const tensors: Record<string, SafetensorsTensor> = {};
  for (const [name, { shape, data }] of Object.entries(weights)) {
    tensors[name] = { dtype: "F32", shape, data: data as Float32Array<ArrayBuffer> };
  }
  return encodeSafetensors(tensors, { format: FORMAT, decoder: JSON.stringify(decoder) });
}

/** Throws ReparamError "checkpoint" for what is no file of `decoderFile`. */
export function decodeDecoder(bytes: Uint8Array, fileName: string): DecoderFile {
  const { tensors, metadata } = decodeSafetensors(bytes, fileName);
  if (metadata.format !== FORMAT) {
    throw new ReparamError(
      "checkpoint",
      `${fileName} is no decoder of this version, but of the format "${metadata.format ?? "unknown"}": make it with decoderFile.`,
    );
  }
  const decoder = JSON.parse(metadata.decoder) as Omit<DecoderFile, "weights">;
  return { ...decoder, weights: tensors as unknown as DecoderFile["weights"] };
}
