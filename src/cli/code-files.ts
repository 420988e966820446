import { readFile } from "node:fs/promises";
import { packedBits, unpackedBits } from "../codes/bits.ts";
import { dequantisedCodes, quantisedCodes } from "../codes/quantisation.ts";
import { type Field, type FieldValues, fieldSize, storeArrays } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { asNumbers, type NumberArray } from "../formats/elements.ts";
import { decodeNpy } from "../formats/npy.ts";
import { decodeNpz, encodeNpz } from "../formats/npz.ts";
import { isZip } from "../formats/zip.ts";
import { type Shape, sameShape } from "../node/node.ts";
import { checkClasses } from "../train/data.ts";

/** What a number of a code may take in a .npz file: 32 are floats, and 1 is for codes that are bits. */
export const codeBits = ["1", "8", "16", "32"] as const;
export type CodeBits = (typeof codeBits)[number];

/**
 * Codes of a field, one a row, as .npz: the array `codes`; with 8 or 16 bits also `low` and `high`, the ends of each column,
 * between which its whole numbers lie evenly. Codes that are bits may be packed, eight in a byte. Tokens are whole numbers
 * already, and stand as they are.
 */
export function encodeCodes(codes: Float32Array<ArrayBuffer>, field: Field, bits: CodeBits): Uint8Array<ArrayBuffer> {
  const rows = codes.length / fieldSize(field);
  const shape = [rows, ...field.shape];
  if (areTokens(field)) {
    const data = (field.classes ?? Number.POSITIVE_INFINITY) <= 256 ? Uint8Array.from(codes) : Uint16Array.from(codes);
    return encodeNpz({ codes: { shape, data } });
  }
  if (bits === "32") return encodeNpz({ codes: { shape, data: codes } });
  if (bits === "1") {
    const data = packedBits(codes, { rows });
    return encodeNpz({ codes: { shape: [rows, data.length / rows], data } });
  }
  const { steps, low, high } = quantisedCodes(codes, { rows, bits: bits === "8" ? 8 : 16 });
  return encodeNpz({
    codes: { shape, data: steps },
    low: { shape: field.shape, data: low },
    high: { shape: field.shape, data: high },
  });
}

/** Whether codes are words of a codebook, and no numbers to calculate with. */
export const areTokens = ({ kind }: Pick<Field, "kind">): boolean => kind === "tokens";

/** Whether codes are made to be bits. */
export const areBits = ({ kind }: Pick<Field, "kind">): boolean => kind === "bits";

/** Codes of a file. */
export interface CodeFile {
  readonly count: number;
  /** [count, ...shape], as their field stores them: numbers, or the tokens of a codebook. */
  readonly codes: FieldValues;
  /** Of a number in the file, where its codes are whole numbers. */
  readonly bits?: 1 | 8 | 16;
  /** Of the file. */
  readonly bytes: number;
}

/** Reads codes of a field, one a row, from a .npy or a .npz file. Throws ReparamError "data". */
export async function readCodes(path: string, field: Field): Promise<CodeFile> {
  const file = await readFile(path).catch((error: Error) => {
    throw new ReparamError("data", `${path} cannot be read: ${error.message}.`, { cause: error });
  });
  const { shape, codes, bits } = isZip(file) ? packedCodes(file, path, field) : plainCodes(decodeNpy(file, path));
  const [count, ...each] = shape;
  if (!(count > 0) || !sameShape(each, field.shape)) {
    const found = `array of shape (${shape.join(", ")})`;
    throw new ReparamError(
      "data",
      `${path} holds an ${found}, and codes are (rows, ${field.shape.join(", ")}) numbers.`,
    );
  }
  const bad = codes.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const width = fieldSize(field);
    const place = `row ${Math.floor(bad / width)}, column ${bad % width}`;
    throw new ReparamError("data", `${path} holds ${codes[bad]} in ${place}, and codes have to be finite.`);
  }
  checkClasses(path, codes, field);
  return { count, codes: storedAs(codes, field), bytes: file.length, ...(bits && { bits }) };
}

/** Codes in the typed array of their field. */
export const storedAs = (codes: Float32Array, { store }: Field): FieldValues => storeArrays[store].from(codes);

interface Unpacked {
  readonly shape: Shape;
  readonly codes: Float32Array;
  readonly bits?: 1 | 8 | 16;
}

const plainCodes = ({ shape, data }: NumberArray): Unpacked => ({ shape, codes: Float32Array.from(asNumbers(data)) });

/** Throws ReparamError "data" for a .npz that is none of ours. */
function packedCodes(file: Uint8Array, path: string, field: Field): Unpacked {
  const arrays = decodeNpz(file, path);
  const array = arrays.get("codes")?.();
  if (!array) {
    const found = [...arrays.keys()].join(", ");
    throw new ReparamError("data", `${path} holds no array "codes", only ${found}: reparam encode writes it.`);
  }
  const { shape, data: steps } = array;
  if (areTokens(field) || !(steps instanceof Uint8Array || steps instanceof Uint16Array)) return plainCodes(array);
  const latent = fieldSize(field);
  const bytes = [shape[0], Math.ceil(latent / 8)];
  if (areBits(field) && steps instanceof Uint8Array && !arrays.has("low") && sameShape(shape, bytes)) {
    return { shape: [shape[0], latent], codes: unpackedBits(steps, { rows: shape[0], latent }), bits: 1 };
  }
  const [low, high] = ["low", "high"].map((name) => {
    const ends = arrays.get(name)?.();
    if (ends && ends.data instanceof Float32Array && ends.data.length === latent) return ends.data;
    throw new ReparamError("data", `${path} does not say the ${name} end of each column of its whole numbers.`);
  });
  return { shape, codes: dequantisedCodes({ steps, low, high }), bits: steps instanceof Uint8Array ? 8 : 16 };
}
