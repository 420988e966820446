import { driveWorkers } from "./drive.ts";

driveWorkers(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));
