import { driveWorkers } from "../host/page/drive.ts";

driveWorkers(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));
