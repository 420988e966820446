import { startImporting } from "./start-importing.ts";

/**
 * Starts the library's worker. A page may have the library from another origin, whose scripts no browser starts as workers:
 * then a script of the page's own imports the one that lies beside this file.
 */
export function startWorker(): Worker {
  const here = import.meta.url;
  if (new URL(here).origin === globalThis.location?.origin) {
    return new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  }
  return startImporting(here.replace(/[^/]*$/, "worker.js"));
}
