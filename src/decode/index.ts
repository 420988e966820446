// A trained decoder alone, without what training takes: the public face of this folder.
export { ReparamError } from "../errors.ts";
export { type Device, type DeviceOptions, requestDevice } from "../gpu/device.ts";
export { missingWebGpu } from "../gpu/missing.ts";
export { type DecodeInputs, type Decoder, openDecoder } from "./decoder.ts";
