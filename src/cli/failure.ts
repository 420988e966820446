import { type ErrorCode, ReparamError } from "../errors.ts";
import type { Output } from "./terminal.ts";

const exitCodes: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  config: 2,
  data: 2,
  checkpoint: 2,
  device: 3,
  compile: 1,
  nonfinite: 1,
  io: 1,
  aborted: 130,
};

/**
 * Tells a person what went wrong and returns the exit code. A mistake of the user is one sentence; for anything
 * unforeseen, and with REPARAM_DEBUG=1 always, there is a way to the stack.
 */
export function reportFailure(error: unknown, stderr: Output): number {
  const known = error instanceof ReparamError;
  const message = error instanceof Error ? error.message : String(error);
  const hint = known ? "" : " (This is a fault in reparam; REPARAM_DEBUG=1 shows where.)";
  stderr.write(`reparam: ${message}${hint}\n`);
  if (process.env.REPARAM_DEBUG && error instanceof Error) {
    stderr.write(`${error.stack}\n`);
    if (error.cause) stderr.write(`caused by: ${error.cause instanceof Error ? error.cause.stack : error.cause}\n`);
  }
  return known ? exitCodes[error.code] : 1;
}
