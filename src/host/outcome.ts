import { type ErrorCode, ReparamError } from "../errors.ts";

/** How a job ended, as plain data that crosses from the worker: nothing, or the error it ended with. */
export interface Outcome {
  readonly failure?: {
    readonly code: ErrorCode;
    readonly message: string;
    /** Only of errors that are no ReparamError, that is of mistakes in the program: where it was thrown. */
    readonly stack?: string;
  };
}

export function failedWith(error: unknown): Outcome {
  if (error instanceof ReparamError) return { failure: { code: error.code, message: error.message } };
  if (!(error instanceof Error)) return { failure: { code: "device", message: String(error) } };
  const code: ErrorCode = error.name === "AbortError" ? "aborted" : "device";
  return { failure: { code, message: `${error.name}: ${error.message}`, stack: error.stack } };
}

/** Throws the error that a job ended with. A stack from the worker becomes the error's `cause`, for a debugger only. */
export function throwIfFailed({ failure }: Outcome): void {
  if (!failure) return;
  if (failure.stack === undefined) throw new ReparamError(failure.code, failure.message);
  const cause = new Error(failure.message);
  cause.stack = failure.stack;
  throw new ReparamError(failure.code, failure.message, { cause });
}
