import { ReparamError } from "../../src/errors.ts";
import type { RunJob } from "../../src/host/job.ts";

// Jobs that put a host through its paces. They need no GPU; the same ones run in a browser and in Dawn's process.

/** Emits `count` messages without waiting for any, each with the job's body and blobs. */
const echo: RunJob = async (job, { emit }) => {
  for (let index = 0; index < Number(job.body.count); index++) {
    void emit({ body: { index, body: job.body.body }, blobs: job.blobs });
  }
};

/** Ticks until it is asked to stop, then saves, as training does. */
const untilAborted: RunJob = async (_, { emit, signal }) => {
  for (let tick = 0; !signal.aborted; tick++) {
    await emit({ body: { tick } });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await emit({ body: { saved: true } });
};

/** Emits one array three times, changing it in between, and waits for nothing. */
const reuse: RunJob = async (_, { emit }) => {
  const bytes = new Uint8Array(4);
  for (let index = 0; index < 3; index++) {
    bytes.fill(index);
    void emit({ body: { index }, blobs: { bytes } });
  }
};

const refuse: RunJob = async () => {
  throw new ReparamError("checkpoint", "The checkpoint is another model's.");
};

const blunder: RunJob = async () => {
  (undefined as unknown as { missing: () => void }).missing();
};

const jobs: Readonly<Record<string, RunJob>> = { echo, untilAborted, reuse, refuse, blunder };

export const runTestJob: RunJob = (job, context) => jobs[String(job.body.kind)](job, context);
