import { join } from "node:path";
import type { RunConfig } from "../config/config.ts";
import type { Message } from "../host/job.ts";
import type { EndEvent, EpochEvent, RecoveryEvent, StartEvent, TrainEvent } from "../jobs/messages.ts";
import type { ReportPicture } from "../report/html.ts";
import { readJson, writeJson, writeWhole } from "./files.ts";
import { bestEpoch, type Metrics, openMetrics } from "./metrics.ts";
import { epochText, type Progress } from "./progress.ts";
import { writeReport } from "./report.ts";
import { saveCheckpoint } from "./run-folder.ts";
import { bestText, recoveryText, stageText, startTexts } from "./train-texts.ts";

type Recovered = Pick<RecoveryEvent, "step" | "reason" | "adapter">;

/** What environment.json holds. */
type Surroundings = { readonly recoveries?: readonly Recovered[] } & Readonly<Record<string, unknown>>;

export interface Recorder {
  receive(message: Message): Promise<void>;
  readonly start: StartEvent | undefined;
  readonly end: EndEvent | undefined;
}

export interface RecorderOptions {
  readonly run: string;
  readonly config: RunConfig;
  /** What is known of the surroundings before the run starts: host, versions. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** The data in words. */
  readonly data: string;
  /** Step of the checkpoint that a resumed run continues from; 0 for a new one. */
  readonly fromStep: number;
  readonly progress: Progress;
  /** A line of JSON for the machine that listens. */
  readonly json: (event: object) => void;
}

/** Turns the events of a training job into the files of its run folder, and tells those who watch. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { run, config, environment, data, fromStep, progress, json } = options;
  let metrics: Metrics | undefined;
  let start: StartEvent | undefined;
  let end: EndEvent | undefined;
  let savedStep: number | undefined;
  const pictures: ReportPicture[] = [];
  const remarks: string[] = [];
  let surroundings: Surroundings = environment;
  let adapter: StartEvent["adapter"];

  async function begin(event: StartEvent): Promise<void> {
    start = event;
    metrics = await openMetrics(run, fromStep);
    await writeJson(join(run, "config.json"), config);
    const { environment: fromJob, parameters, peakBytes } = event;
    adapter = event.adapter;
    const recoveries = fromStep > 0 ? await recoveriesOf(run) : [];
    surroundings = {
      ...environment,
      seed: config.seed,
      adapter,
      ...fromJob,
      ...(recoveries.length > 0 && { recoveries }),
    };
    await writeJson(join(run, "environment.json"), surroundings);
    json({ event: "start", run, adapter, parameters, peakBytes });
    for (const line of startTexts(event, config)) progress.line(line);
  }

  /** The stage of an event, of a run that has several. */
  const stageOf = (event: { stage: string }) => (start && start.stages.length > 1 ? { stage: event.stage } : {});

  async function tellEpoch(event: EpochEvent): Promise<void> {
    const { epoch, step, train, test, units, steps, seconds, stepsPerSecond, schedules } = event;
    const name = stageOf(event);
    await metrics?.append({ epoch, step, ...name, train, test, units, schedules, seconds, stepsPerSecond });
    json({ event: "epoch", epoch, ...name, train, test, schedules, steps, seconds, stepsPerSecond });
    progress.line(epochText(event, config.training.epochs, name.stage));
  }

  async function recover(event: RecoveryEvent): Promise<void> {
    const { step, reason } = event;
    const { recoveries = [] } = surroundings;
    const line = recoveryText(event, adapter);
    adapter = event.adapter;
    remarks.push(line);
    progress.warn(line);
    surroundings = { ...surroundings, recoveries: [...recoveries, { step, reason, adapter }] };
    await writeJson(join(run, "environment.json"), surroundings);
  }

  async function save(event: { epoch: number; step: number; best: boolean }, blobs: Message["blobs"]): Promise<void> {
    await saveCheckpoint(run, event, checkpointOf(blobs));
    savedStep = event.step;
  }

  async function finish(event: EndEvent, blobs: Message["blobs"]): Promise<void> {
    end = event;
    const failed = event.status === "failed";
    if (!failed) {
      if (event.step !== savedStep) await save({ ...event, best: false }, blobs);
      if (event.status !== "interrupted") await writeWhole(join(run, "final.safetensors"), checkpointOf(blobs));
    }
    if (!start) return;
    const lines = metrics?.lines ?? [];
    const best = bestEpoch(lines, start.stages);
    if (best && best.step < event.step && !failed) {
      remarks.push(bestText(best));
      progress.line(bestText(best));
    }
    const told = { lines, pictures, remarks, ...(best && { best }) };
    await writeReport(run, { config, environment: surroundings, data, start, end: event, ...told });
  }

  async function receive({ body, blobs }: Message): Promise<void> {
    const event = body as TrainEvent;
    switch (event.event) {
      case "start":
        return begin(event);
      case "stage":
        return progress.line(stageText(event));
      case "progress":
        return progress.bar(event, config.training.epochs);
      case "steps": {
        const { epoch, step, train, schedules } = event;
        return metrics?.append({ epoch, step, ...stageOf(event), train, schedules });
      }
      case "epoch":
        return tellEpoch(event);
      case "checkpoint":
        return save(event, blobs);
      case "recovery":
        return recover(event);
      case "picture": {
        const { file, caption } = event;
        const { png } = blobs!;
        await writeWhole(join(run, file), png);
        pictures.push({ name: file, caption, png });
        return;
      }
      case "end":
        return finish(event, blobs);
    }
  }

  return {
    receive,
    get start() {
      return start;
    },
    get end() {
      return end;
    },
  };
}

/** What was recovered from before a run was interrupted: its figures still depend on it. */
async function recoveriesOf(run: string): Promise<readonly Recovered[]> {
  const { recoveries = [] } = await readJson(join(run, "environment.json")).then(
    (value) => value as Surroundings,
    () => ({}) as Surroundings,
  );
  return Array.isArray(recoveries) ? recoveries : [];
}

function checkpointOf(blobs: Message["blobs"]): Uint8Array {
  const checkpoint = blobs?.checkpoint;
  if (!checkpoint) throw new Error("the job sent no checkpoint with its event");
  return checkpoint;
}
