import { join } from "node:path";
import type { RunConfig } from "../config/config.ts";
import type { Message } from "../host/job.ts";
import type { EndEvent, EpochEvent, StartEvent, TrainEvent } from "../jobs/messages.ts";
import type { ReportPicture } from "../report/html.ts";
import { formatCount } from "./data.ts";
import { writeJson, writeWhole } from "./files.ts";
import { type Metrics, openMetrics } from "./metrics.ts";
import { epochText, formatBytes, type Progress } from "./progress.ts";
import { writeReport } from "./report.ts";
import { saveCheckpoint } from "./run-folder.ts";

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
  const recoveries: object[] = [];
  let best: { epoch: number; step: number } | undefined;
  let stage: string | undefined;
  let surroundings: object = environment;

  const say = (line: string) => {
    remarks.push(line);
    progress.line(line);
  };

  async function save(event: { epoch: number; step: number; best: boolean }, blobs: Message["blobs"]) {
    await saveCheckpoint(run, event, checkpointOf(blobs));
    savedStep = event.step;
  }

  async function finish(event: EndEvent, blobs: Message["blobs"]) {
    if (event.status !== "failed") {
      if (event.step !== savedStep) await save({ ...event, best: false }, blobs);
      if (event.status !== "interrupted") await writeWhole(join(run, "final.safetensors"), checkpointOf(blobs));
    }
    const lines = metrics?.lines ?? [];
    if (best && best.step < event.step && event.status !== "failed") {
      say(`Epoch ${best.epoch} was the best: its weights are in checkpoints/best (\`--best\` uses them).`);
    }
    const rest = { lines, pictures, remarks, ...(best && { best }) };
    if (start) await writeReport(run, { config, environment: surroundings, data, start, end: event, ...rest });
  }

  /** The stage of an event, of a run that has several. */
  const stageOf = (event: { stage: string }) => (start && start.stages.length > 1 ? { stage: event.stage } : {});

  async function tellEpoch(event: EpochEvent): Promise<void> {
    const { epoch, step, train, test, units, steps, seconds, stepsPerSecond, schedules } = event;
    if (event.best) best = { epoch, step };
    // Another stage is watched by another term.
    else if (stage !== undefined && stage !== event.stage) best = undefined;
    const name = stageOf(event);
    await metrics?.append({ epoch, step, ...name, train, test, units, schedules, seconds, stepsPerSecond });
    json({ event: "epoch", epoch, ...name, train, test, schedules, steps, seconds, stepsPerSecond });
    progress.line(epochText(event, config.training.epochs, name.stage));
    stage = event.stage;
  }

  async function receive(message: Message): Promise<void> {
    const event = message.body as TrainEvent;
    switch (event.event) {
      case "start": {
        start = event;
        metrics = await openMetrics(run, fromStep);
        await writeJson(join(run, "config.json"), config);
        const { adapter, environment: fromJob } = event;
        surroundings = { ...environment, seed: config.seed, adapter, ...fromJob };
        await writeJson(join(run, "environment.json"), surroundings);
        json({ event: "start", run, adapter, parameters: event.parameters, peakBytes: event.peakBytes });
        for (const line of startTexts(event, config)) progress.line(line);
        break;
      }
      case "progress":
        progress.bar(event, config.training.epochs);
        break;
      case "steps": {
        const { epoch, step, train, schedules } = event;
        await metrics?.append({ epoch, step, ...stageOf(event), train, schedules });
        break;
      }
      case "epoch":
        await tellEpoch(event);
        break;
      case "checkpoint":
        await save(event, message.blobs);
        break;
      case "recovery": {
        const before = start?.adapter.description;
        const other =
          before === event.adapter.description
            ? ""
            : `, on ${nameOf(event.adapter)} instead of ${nameOf(start!.adapter)}`;
        say(
          `The graphics processor went away (${event.reason.replace(/\.$/, "")}). Going on from step ${event.step}${other}.`,
        );
        recoveries.push({ step: event.step, reason: event.reason, adapter: event.adapter });
        surroundings = { ...surroundings, recoveries };
        await writeJson(join(run, "environment.json"), surroundings);
        break;
      }
      case "picture": {
        const { file, caption } = event;
        const png = message.blobs!.png;
        await writeWhole(join(run, file), png);
        pictures.push({ name: file, caption, png });
        break;
      }
      case "end":
        end = event;
        await finish(event, message.blobs);
        break;
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

function checkpointOf(blobs: Message["blobs"]): Uint8Array {
  const checkpoint = blobs?.checkpoint;
  if (!checkpoint) throw new Error("the job sent no checkpoint with its event");
  return checkpoint;
}

const nameOf = ({ description, vendor, architecture }: StartEvent["adapter"]): string =>
  description || `${vendor} ${architecture}`.trim() || "unnamed";

function startTexts(event: StartEvent, config: RunConfig): string[] {
  const { adapter, parameters, peakBytes, step, totalSteps, stepsPerEpoch, stages } = event;
  const name = nameOf(adapter);
  const software = adapter.fallback ? " (software; reparam doctor says more)" : "";
  const from = step > 0 ? `, going on from ${formatCount(step)}` : "";
  return [
    `model    ${config.model.family}, ${formatCount(parameters)} parameters, ${formatBytes(peakBytes)} of GPU memory`,
    `adapter  ${name}${software}`,
    `steps    ${formatCount(totalSteps)}, ${formatCount(stepsPerEpoch)} an epoch${from}`,
    ...(stages.length > 1
      ? [`stages   ${stages.map((stage) => `${stage.name} ${formatCount(stage.steps)}`).join(", ")}`]
      : []),
  ];
}
