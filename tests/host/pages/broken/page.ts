import { driveWorkers } from "../../../../src/host/page/drive.ts";

driveWorkers(() => new Worker("./missing.js", { type: "module" }));
