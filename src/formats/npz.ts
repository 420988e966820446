import { zipSync } from "fflate";
import { ReparamError } from "../errors.ts";
import type { NumberArray } from "./elements.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";
import { readZip } from "./zip.ts";

/** The arrays of a .npz file by their names, each decoded when it is asked for. */
export type NpzArrays = ReadonlyMap<string, () => NumberArray>;

/** Reads NumPy's .npz, a zip archive of .npy files. Throws `data`, naming the file, and the array where it is one. */
export function decodeNpz(bytes: Uint8Array, fileName: string): NpzArrays {
  // An array is unpacked when it is asked for, so those that nobody asks for may be of any size.
  const entries = readZip(bytes, fileName, Number.POSITIVE_INFINITY);
  const arrays = entries.filter(({ name }) => name.endsWith(".npy"));
  if (arrays.length === 0) throw new ReparamError("data", `${fileName} holds no .npy arrays, so it is no .npz file.`);
  return new Map(
    arrays.map((entry) => {
      const name = entry.name.slice(0, -4);
      return [name, () => decodeNpy(entry.bytes(), `${name} in ${fileName}`)] as const;
    }),
  );
}

/** The first day that an archive can say; NumPy writes it too, so that the same arrays are the same bytes. */
const FIRST_DAY = new Date(1980, 0, 1);

/** Encodes arrays as a .npz file, deflated. Throws `usage` where a shape does not describe its data. */
export function encodeNpz(arrays: Readonly<Record<string, NumberArray>>): Uint8Array<ArrayBuffer> {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)] as const);
  return zipSync(Object.fromEntries(files), { mtime: FIRST_DAY });
}
