// Whether an adapter computes right: the public face of this folder.
export { type AdapterDescription, type Device, type DeviceOptions, requestDevice } from "../gpu/device.ts";
export { type SelfTestReport, type SelfTestRow, selfTestText } from "./report.ts";
export { type SelfTestOptions, type SelfTestProgress, selfTest } from "./self-test.ts";
