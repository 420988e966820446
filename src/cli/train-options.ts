import type { RunConfig } from "../config/config.ts";
import type { GoodCheckpoint } from "./checkpoints.ts";

/** The flags of `reparam train`, as commander hands them over: text where a value was given. */
export interface TrainOptions {
  readonly [flag: string]: string | boolean | readonly string[] | undefined;
  readonly preset?: string;
  readonly set?: readonly string[];
  readonly out?: string;
  readonly resume?: string | true;
  readonly fastDevRun?: boolean;
  readonly printConfig?: boolean;
  readonly printPlan?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** What is to be trained: a new run, or one that is continued from a checkpoint in its own folder. */
export interface RunPlan {
  readonly config: RunConfig;
  /** First part of a new run folder's name. */
  readonly label: string;
  /** Whether somebody asked for a batch size. */
  readonly batchAsked: boolean;
  readonly resumed?: {
    readonly run: string;
    readonly from: GoodCheckpoint;
    /** The config before this call's flags. */
    readonly before: RunConfig;
  };
}
