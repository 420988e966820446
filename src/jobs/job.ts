import { bench } from "../bench/job.ts";
import { ReparamError } from "../errors.ts";
import type { RunJob } from "../host/job.ts";
import { probe } from "../host/probe.ts";
import { selftest } from "../selftest/job.ts";
import { tune } from "../tune/job.ts";
import { evaluate } from "./evaluate.ts";
import { plan } from "./plan.ts";
import { train } from "./train.ts";
import { use } from "./use.ts";

const jobs: Readonly<Record<string, RunJob>> = { probe, train, plan, use, evaluate, bench, tune, selftest };

/** Runs the job that `body.kind` names. Throws code "usage" for a kind that there is not. */
export const runJob: RunJob = async (job, context) => {
  const { kind } = job.body;
  if (typeof kind !== "string" || !Object.hasOwn(jobs, kind)) {
    const known = Object.keys(jobs).join(", ");
    throw new ReparamError("usage", `There is no job of kind ${JSON.stringify(kind)}; there is ${known}.`);
  }
  await jobs[kind](job, context);
};
