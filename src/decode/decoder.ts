import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import { record } from "../gpu/commands.ts";
import { type Device, requestDevice } from "../gpu/device.ts";
import { withOwner } from "../gpu/owner.ts";
import { sizeOf } from "../node/node.ts";
import { createProgram } from "../runtime/program.ts";
import { type DecoderFile, decodeDecoder } from "./decoder-file.ts";

/** What beside codes a decoder takes, such as `label`: a number for each row, or one for all. */
export type DecodeInputs = Readonly<Record<string, ArrayLike<number> | number | undefined>>;

/** A trained decoder on the GPU. */
export interface Decoder {
  /** The shape of an example, such as [28, 28, 1]. */
  readonly shape: readonly number[];
  /** The shape of a code, such as [20]. */
  readonly codeShape: readonly number[];
  /** Codes, row-major [count, ...codeShape] → examples, [count, ...shape]. Throws ReparamError "data" for what does not fit. */
  decode(codes: ArrayLike<number>, inputs?: DecodeInputs): Promise<Float32Array>;
  /** Frees what it holds on the GPU; the device too, where `openDecoder` asked for it. */
  dispose(): void;
}

/**
 * Puts a file that `decoderFile` made on the GPU. Throws ReparamError "checkpoint" for another file, "device" where WebGPU or
 * an adapter is missing.
 */
export async function openDecoder(file: Uint8Array, { device: given }: { device?: Device } = {}): Promise<Decoder> {
  const decoder = decodeDecoder(file, "The decoder's file");
  const device = given ?? (await requestDevice({ baseline: true }));
  return withOwner(async ({ own, dispose }) => {
    if (!given) own(device);
    const { rows, inputs, shape, plan, bytes, offsets, weights } = decoder;
    const parameters = own(storageBuffer(device, bytes, "weights"));
    for (const [name, offset] of Object.entries(offsets)) upload(device, parameters, weights[name].data, offset);
    const fed = Object.fromEntries(
      Object.entries(inputs).map(([name, shape]) => [name, own(storageBuffer(device, 4 * rows * sizeOf(shape), name))]),
    );
    const program = own(await createProgram(device, plan, { buffers: { ...fed, parameters } }));

    let turn: Promise<unknown> = Promise.resolve();
    const run = async (count: number, values: Readonly<Record<string, Float32Array>>): Promise<Float32Array> => {
      const width = sizeOf(shape);
      const result = new Float32Array(count * width);
      for (let start = 0; start < count; start += rows) {
        const taken = Math.min(rows, count - start);
        for (const [name, numbers] of Object.entries(values)) {
          const size = sizeOf(inputs[name]);
          upload(device, fed[name], numbers.subarray(start * size, (start + taken) * size));
        }
        const encoder = device.gpu.createCommandEncoder();
        record(encoder, program.encode);
        const reading = program.encodeRead(encoder, "y");
        device.gpu.queue.submit([encoder.finish()]);
        result.set((await reading()).subarray(0, taken * width), start * width);
      }
      device.check();
      return result;
    };

    return {
      shape,
      codeShape: inputs.code,
      decode: async (codes, others = {}) => {
        const { count, values } = valuesFor(decoder, { ...others, code: codes });
        const result = turn.then(() => run(count, values));
        turn = result.catch(() => {}); // whoever called gets the error
        return result;
      },
      dispose,
    };
  });
}

/** How many codes were given, and the values of every input for them. */
function valuesFor({ inputs }: DecoderFile, given: DecodeInputs & { readonly code: ArrayLike<number> }) {
  const count = given.code.length / sizeOf(inputs.code);
  if (!Number.isInteger(count)) {
    throw new ReparamError("data", `decode: ${given.code.length} numbers are not codes of [${inputs.code}].`);
  }
  const values: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(inputs)) {
    const value = given[name];
    const size = count * sizeOf(shape);
    const found = typeof value === "number" ? size : (value?.length ?? 0);
    if (found !== size)
      throw new ReparamError("data", `decode: ${count} codes need ${size} numbers of ${name}, not ${found}.`);
    values[name] = typeof value === "number" ? new Float32Array(size).fill(value) : Float32Array.from(value!);
  }
  const stranger = Object.keys(given).find((name) => given[name] !== undefined && !Object.hasOwn(inputs, name));
  if (stranger !== undefined) {
    throw new ReparamError("data", `decode: this decoder takes ${Object.keys(inputs).join(", ")}, and no ${stranger}.`);
  }
  return { count, values };
}
