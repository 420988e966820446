import type { Dataset } from "../data/dataset.ts";
import type { DrawnOptions } from "../data/drawn-options.ts";
import type { ReadOptions } from "../data/read-options.ts";
import type { Host } from "../host/job.ts";
import type { Terminal } from "./terminal.ts";

export interface DataOptions extends Partial<ReadOptions>, Partial<DrawnOptions> {
  readonly directory?: string;
  /** The fields of a model that is to be used on the data. */
  readonly made?: Dataset["fields"];
  /** Only the built-in sets depend on these; of others the first examples are taken. */
  readonly trainCount?: number;
  readonly testCount?: number;
}

/** What a command needs from outside, so that a test can run it without a browser. */
export interface Services {
  readonly terminal: Terminal;
  /** `say` is told what takes long or is not as it should be: a browser being installed, a driver missing. */
  readonly openHost: (kind: Host["kind"], say: (line: string) => void) => Promise<Host>;
  readonly loadDataset: (name: string, options: DataOptions) => Promise<Dataset>;
}

/** Runs a command's body and ends with the exit code it returns, or the one its error stands for. */
export type Execute = (body: (services: Services) => Promise<number>) => Promise<void>;
