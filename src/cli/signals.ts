import type { Terminal } from "./terminal.ts";

export const INTERRUPTED = 130;

/**
 * Turns the first SIGINT or SIGTERM, and a reader of stdout that went away, into an aborted signal, so that a training
 * run saves before it ends; the second one ends the process at once.
 */
export function watchInterruption(terminal: Terminal, quiet = false): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
    if (!quiet) terminal.stderr.write("\nInterrupted: saving after this step. Once more ends at once, unsaved.\n");
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  process.stdout.on("error", () => controller.abort());
  return controller.signal;
}

/** For commands that have nothing to save: a signal ends the process, and by `exit` the browser with it. */
export function exitOnInterruption(): void {
  process.on("SIGINT", () => process.exit(INTERRUPTED));
  process.on("SIGTERM", () => process.exit(INTERRUPTED));
  process.stdout.on("error", () => process.exit(0));
}
