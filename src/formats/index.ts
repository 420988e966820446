// File formats, as bytes in and bytes out: the public face of this folder.
export { decodeImage } from "./decode-image.ts";
export { decodeSafetensors } from "./decode-safetensors.ts";
export type { NumberArray } from "./elements.ts";
export { decodeIdx, encodeIdx } from "./idx.ts";
export type { Image, ImageChannels } from "./image.ts";
export { decodeNpy, encodeNpy } from "./npy.ts";
export { decodeNpz, encodeNpz, type NpzArrays } from "./npz.ts";
export { encodePng, type PngImage } from "./png.ts";
export {
  encodeSafetensors,
  type SafetensorsDtype,
  type SafetensorsFile,
  type SafetensorsTensor,
} from "./safetensors.ts";
export { decodeTable, type Table } from "./table.ts";
