import type { SelfTestReport } from "./report.ts";

/** The words that the job `selftest` speaks; see src/host/job.ts. */
export type SelfTestEvent =
  /** What goes on, for people. */
  | { event: "progress"; line: string }
  /** The last one. */
  | { event: "end"; report: SelfTestReport };
