import type { ErrorCode } from "../errors.ts";

/** Whether a scheduler should run the same command again: never, again, or on another machine. */
export type Retry = "never" | "again" | "elsewhere";

/** What a process ends with. `retry` is missing where there is nothing to repeat. */
export interface ExitCode {
  readonly code: number;
  readonly means: string;
  readonly retry?: Retry;
}

export const exits = {
  done: { code: 0, means: "done" },
  fault: { code: 1, means: "a fault in reparam itself, or a result that is wrong (bench)", retry: "never" },
  refused: { code: 2, means: "usage, config, or a file that cannot be used", retry: "never" },
  noGpu: { code: 3, means: "no browser, no WebGPU, or too little memory of the GPU", retry: "elsewhere" },
  diverged: { code: 4, means: "the loss became non-finite", retry: "never" },
  disk: { code: 5, means: "the disk is full or failed", retry: "again" },
  lost: { code: 6, means: "the GPU or browser was lost again and again", retry: "again" },
  interrupted: { code: 130, means: "interrupted, after saving", retry: "again" },
} as const satisfies Record<string, ExitCode>;

const exitOf: Readonly<Record<ErrorCode, ExitCode>> = {
  usage: exits.refused,
  config: exits.refused,
  data: exits.refused,
  checkpoint: exits.refused,
  device: exits.noGpu,
  memory: exits.noGpu,
  compile: exits.fault,
  nonfinite: exits.diverged,
  io: exits.disk,
  aborted: exits.interrupted,
  internal: exits.fault,
};

/**
 * The end of an error's code; of a run that had begun, a GPU that is gone is one that was lost. One that lacks memory for a
 * later stage has no more the next time: that stays a matter of another machine.
 */
export const exitFor = (code: ErrorCode | undefined, begun = false): ExitCode => {
  if (code === undefined) return exits.fault;
  return code === "device" && begun ? exits.lost : exitOf[code];
};

/** The table for --help. */
export const exitTexts = (): string =>
  Object.values<ExitCode>(exits)
    .map(({ code, means, retry }) => `  ${String(code).padEnd(4)} ${means}${retry ? ` (${retry})` : ""}`)
    .join("\n");
