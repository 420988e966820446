import { join } from "node:path";
import type { RunConfig } from "../config/config.ts";
import type { Message } from "../host/job.ts";
import type { EndEvent, EpochEvent, NonFiniteEvent, RecoveryEvent, StartEvent, TrainEvent } from "../jobs/messages.ts";
import type { ReportPicture } from "../report/html.ts";
import { remarksOnFigures } from "../report/remarks.ts";
import { type CheckpointFile, saveCheckpoint, type ToSave } from "./checkpoints.ts";
import { readJson, writeJson, writeWhole } from "./files.ts";
import { bestEpoch, type Metrics, openMetrics, stageAt } from "./metrics.ts";
import { epochText, type Progress } from "./progress.ts";
import { epochsOf, writeReport } from "./report.ts";
import {
  bestText,
  NO_PICTURES,
  nonFiniteText,
  otherAdapterText,
  recoveryText,
  stageText,
  startTexts,
} from "./train-texts.ts";

type Recovered = Pick<RecoveryEvent, "step" | "reason" | "adapter">;

/** What environment.json holds. */
type Surroundings = {
  readonly recoveries?: readonly Recovered[];
  readonly adapter?: StartEvent["adapter"];
} & Readonly<Record<string, unknown>>;

export interface Recorder {
  receive(message: Message): Promise<void>;
  /** The host died: the next job goes on from the checkpoint of that step. */
  goBack(step: number, reason: string): void;
  /** The checkpoint that was written last. */
  readonly saved: CheckpointFile | undefined;
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
  /** The checkpoint that a resumed run continues from. */
  readonly from?: CheckpointFile | undefined;
  readonly progress: Progress;
  /** A line of JSON for the machine that listens. */
  readonly json: (event: object) => void;
}

/** Turns the events of a training job into the files of its run folder, and tells those who watch. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { run, config, environment, data, from, progress, json } = options;
  let metrics: Metrics | undefined;
  let start: StartEvent | undefined;
  let end: EndEvent | undefined;
  let saved = from;
  /** Why a run had to go back, until its next job has started. */
  let replaced: { readonly step: number; readonly reason: string } | undefined;
  /** The step up to which epochs were told. */
  let told = from?.step ?? 0;
  let pictures: ReportPicture[] = [];
  const remarks: string[] = [];
  let surroundings: Surroundings = environment;
  let adapter: StartEvent["adapter"];

  async function begin(event: StartEvent): Promise<void> {
    if (replaced) {
      metrics = await openMetrics(run, replaced.step);
      pictures = [];
      await recover({ event: "recovery", ...replaced, adapter: event.adapter });
      replaced = undefined;
      return;
    }
    start = event;
    metrics = await openMetrics(run, from?.step ?? 0);
    await writeJson(join(run, "config.json"), config);
    const { environment: fromJob, parameters, peakBytes } = event;
    adapter = event.adapter;
    const before = from ? await surroundingsOf(run) : {};
    const recoveries = Array.isArray(before.recoveries) ? before.recoveries : [];
    surroundings = {
      ...environment,
      seed: config.seed,
      adapter,
      ...fromJob,
      ...(recoveries.length > 0 && { recoveries }),
    };
    json({ event: "start", run, adapter, parameters, peakBytes });
    for (const line of startTexts(event, config)) progress.line(line);
    const other = before.adapter && otherAdapterText(adapter, before.adapter);
    if (from && other) await mark(`The run goes on from step ${from.step}${other}.`, from.step, "another adapter");
    else await writeJson(join(run, "environment.json"), surroundings);
  }

  /** Keeps what the run's figures depend on beside its config, and says it. */
  async function mark(line: string, step: number, reason: string): Promise<void> {
    const { recoveries = [] } = surroundings;
    remarks.push(line);
    progress.warn(line);
    surroundings = { ...surroundings, recoveries: [...recoveries, { step, reason, adapter }] };
    await writeJson(join(run, "environment.json"), surroundings);
  }

  /** The stage of an event, of a run that has several. */
  const stageOf = (event: { stage: string }) => (start && start.stages.length > 1 ? { stage: event.stage } : {});

  async function tellEpoch(event: EpochEvent): Promise<void> {
    const { epoch, step, train, test, units, steps, seconds, stepsPerSecond, schedules } = event;
    const name = stageOf(event);
    await metrics?.append({ epoch, step, ...name, train, test, units, schedules, seconds, stepsPerSecond });
    if (step <= told) return; // before the host died
    told = step;
    json({ event: "epoch", epoch, ...name, train, test, schedules, steps, seconds, stepsPerSecond });
    progress.line(epochText(event, config.training.epochs, name.stage));
  }

  async function recover(event: RecoveryEvent): Promise<void> {
    const { step, reason } = event;
    const line = recoveryText(event, adapter);
    adapter = event.adapter;
    json({ event: "recovery", step, reason, adapter });
    await mark(line, step, reason);
  }

  async function tellNonFinite(event: NonFiniteEvent): Promise<void> {
    const { step, action, from } = event;
    if (action === "halve") {
      metrics = await openMetrics(run, from);
      told = from;
    }
    json({ event: "nonfinite", step, action, from });
    const line = nonFiniteText(event);
    remarks.push(line);
    progress.warn(line);
  }

  async function save(event: ToSave, blobs: Message["blobs"]): Promise<void> {
    await metrics?.sync();
    saved = { path: await saveCheckpoint(run, event, checkpointOf(blobs), config.keep), step: event.step };
  }

  async function finish(event: EndEvent, blobs: Message["blobs"]): Promise<void> {
    end = event;
    const failed = event.status === "failed";
    if (!failed) {
      if (event.step !== saved?.step) await save({ ...event, best: false }, blobs);
      if (event.status !== "interrupted") await writeWhole(join(run, "final.safetensors"), checkpointOf(blobs));
    }
    if (!start) return;
    const lines = metrics?.lines ?? [];
    const best = bestEpoch(lines, start.stages);
    const monitor = stageAt(start.stages, lines.at(-1)?.stage)?.monitor;
    for (const line of [
      ...(best && best.step < event.step && !failed ? [bestText(best)] : []),
      ...(!failed && event.status !== "interrupted" && pictures.length === 0 ? [NO_PICTURES] : []),
      ...remarksOnFigures({ epochs: epochsOf(lines), monitor, codes: event.codes }),
    ]) {
      remarks.push(line);
      progress.line(line);
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
      case "nonfinite":
        return tellNonFinite(event);
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
    goBack: (step, reason) => {
      replaced = { step, reason };
    },
    get saved() {
      return saved;
    },
    get start() {
      return start;
    },
    get end() {
      return end;
    },
  };
}

/** What a run that is resumed was computed with before: its figures still depend on it. */
async function surroundingsOf(run: string): Promise<Surroundings> {
  const value = await readJson(join(run, "environment.json")).catch(() => undefined);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Surroundings) : {};
}

function checkpointOf(blobs: Message["blobs"]): Uint8Array {
  const checkpoint = blobs?.checkpoint;
  if (!checkpoint) throw new Error("the job sent no checkpoint with its event");
  return checkpoint;
}
