import { ReparamError } from "../errors.ts";
import { type ExitCode, exitFor, exits } from "./exit-codes.ts";
import type { Output } from "./terminal.ts";

/**
 * Tells a person what went wrong and returns how the process ends; `begun`: the run was under way. A mistake of the user is one sentence; for anything
 * unforeseen, and with REPARAM_DEBUG=1 always, there is a way to the stack.
 */
export function reportFailure(error: unknown, stderr: Output, begun = false): ExitCode {
  const known = error instanceof ReparamError;
  const message = messageOf(error);
  const hint = known ? "" : " (This is a fault in reparam; REPARAM_DEBUG=1 shows where.)";
  stderr.write(`reparam: ${message}${hint}\n`);
  if (process.env.REPARAM_DEBUG && error instanceof Error) {
    stderr.write(`${error.stack}\n`);
    if (error.cause) stderr.write(`caused by: ${error.cause instanceof Error ? error.cause.stack : error.cause}\n`);
  }
  return exitFor(known ? error.code : undefined, begun);
}

/** The last event of `--json` where something went wrong. */
export const failureEvent = (error: unknown, { code, retry }: ExitCode) => ({
  event: "end",
  status: code === exits.interrupted.code ? "interrupted" : "failed",
  exitCode: code,
  retry,
  message: messageOf(error),
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
