import { exits } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** What asks a process to end: Ctrl-C, a scheduler, a terminal that closes. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** npm and process groups hand one Ctrl-C on several times. */
const SAME_MILLISECONDS = 1000;

/**
 * Turns the first signal into an aborted one, so that a training run saves before it ends; a second one ends the process at
 * once, unless it comes so soon that it is the first one's echo. A reader of the output that went away stops nothing, nor
 * does a file limit: writing then fails with its own error.
 */
export function watchInterruption(terminal: Terminal, quiet = false, now = () => performance.now()): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const interrupt = () => {
    if (!controller.signal.aborted) {
      first = now();
      controller.abort();
      if (!quiet) terminal.stderr.write("\nInterrupted: saving after this step. Once more ends at once, unsaved.\n");
    } else if (now() - first >= SAME_MILLISECONDS) {
      process.exit(exits.interrupted.code);
    }
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  if (process.platform !== "win32") process.on("SIGXFSZ", () => {});
  process.stdout.on("error", () => {});
  return controller.signal;
}

/** For commands that have nothing to save: a signal ends the process, and by `exit` the browser with it. */
export function exitOnInterruption(): void {
  for (const name of SIGNALS) process.on(name, () => process.exit(exits.interrupted.code));
  process.stdout.on("error", () => process.exit(0));
}
