export { openChromium } from "./browser.ts";
export { openDawn } from "./dawn.ts";
export { type Diagnosis, diagnose, renderDiagnosis } from "./doctor.ts";
export type { Host, Json, Message } from "./job.ts";
export { type AdapterReport, adapterName, type ProvenHost } from "./probe.ts";
