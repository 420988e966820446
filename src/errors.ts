/**
 * What kind of thing went wrong; the command line turns it into an exit code. `device`: there is no GPU, or it is gone;
 * `memory`: it is there, and has too little memory. `internal`: a fault of this library's own, told by a worker.
 */
export type ErrorCode =
  | "usage"
  | "config"
  | "data"
  | "checkpoint"
  | "device"
  | "memory"
  | "compile"
  | "nonfinite"
  | "io"
  | "aborted"
  | "internal";

/**
 * The one error class of this library: a `code` to branch on, and one sentence for a person that says what was wrong,
 * where (file, key, flag, node) and what to do about it.
 */
export class ReparamError extends Error {
  override readonly name = "ReparamError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
