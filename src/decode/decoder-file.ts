import { ReparamError } from "../errors.ts";
import { decodeSafetensors } from "../formats/decode-safetensors.ts";
import { encodeSafetensors, type SafetensorsTensor } from "../formats/safetensors.ts";
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
  let decoder: unknown;
  try {
    decoder = JSON.parse(metadata.decoder);
  } catch {}
  if (!isDecoder(decoder, tensors)) {
    throw new ReparamError("checkpoint", `${fileName} is damaged: its decoder and its weights do not fit each other.`);
  }
  return { ...decoder, weights: tensors as unknown as DecoderFile["weights"] };
}

type Description = Omit<DecoderFile, "weights">;

/** The most rows of a run. */
export const MAX_ROWS = 4096;

/** Weights lie at multiples of so many bytes. */
const ALIGNMENT = 256;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => isWhole(size) && size > 0);

/** Whether a description is one, for the weights that lie beside it: what it asks a device for is bounded by these. */
function isDecoder(value: unknown, tensors: Readonly<Record<string, SafetensorsTensor>>): value is Description {
  if (!isRecord(value)) return false;
  const { rows, inputs, shape, plan, bytes, offsets } = value;
  if (!isWhole(rows) || rows === 0 || rows > MAX_ROWS || !isShape(shape) || !isWhole(bytes)) return false;
  if (!isRecord(inputs) || !Object.hasOwn(inputs, "code") || !Object.values(inputs).every(isShape)) return false;
  if (!isRecord(offsets) || !isRecord(plan)) return false;
  const held = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength + ALIGNMENT, ALIGNMENT);
  const fits = Object.entries(offsets).every(([name, offset]) => {
    const { dtype, data } = Object.hasOwn(tensors, name) ? tensors[name] : {};
    return dtype === "F32" && isWhole(offset) && offset % 4 === 0 && offset + data!.byteLength <= bytes;
  });
  if (bytes > held || !fits) return false;

  const { slots, dispatches, outputs } = plan;
  if (!Array.isArray(slots) || !slots.every(isWhole) || !Array.isArray(dispatches) || !isRecord(outputs)) return false;
  const isBinding = (binding: unknown): boolean => {
    if (!isRecord(binding) || !isRecord(binding.buffer) || !isWhole(binding.offset) || !isWhole(binding.size))
      return false;
    const { slot, external } = binding.buffer;
    if (slot !== undefined) return isWhole(slot) && slot < slots.length;
    return typeof external === "string" && (external === "parameters" || Object.hasOwn(inputs, external));
  };
  const { y } = outputs;
  if (!isRecord(y) || !isBinding(y.binding) || !isShape(y.shape)) return false;
  return dispatches.every(
    (dispatch) =>
      isRecord(dispatch) &&
      typeof dispatch.code === "string" &&
      isRecord(dispatch.constants) &&
      Object.values(dispatch.constants).every((constant) => typeof constant === "number") &&
      isShape(dispatch.workgroups) &&
      dispatch.workgroups.length === 3 &&
      Array.isArray(dispatch.bindings) &&
      dispatch.bindings.every(isBinding),
  );
}
