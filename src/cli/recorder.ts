import { join } from "node:path";
import type { Message } from "../host/job.ts";
import type { ReportPicture } from "../report/html.ts";
import type { TrainConfig } from "../train/config.ts";
import type { EndEvent, StartEvent, TrainEvent } from "../train/messages.ts";
import { formatCount } from "./data.ts";
import { writeJson, writeWhole } from "./files.ts";
import { type Metrics, openMetrics } from "./metrics.ts";
import { writePictures } from "./pictures.ts";
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
  readonly config: TrainConfig;
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
  let pictures: ReportPicture[] = [];
  let surroundings: object = environment;

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
    if (start) await writeReport(run, { config, environment: surroundings, data, start, end: event, lines, pictures });
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
      case "steps":
        await metrics?.append({ epoch: event.epoch, step: event.step, train: event.train });
        break;
      case "epoch": {
        const { epoch, step, train, test, steps, seconds, stepsPerSecond } = event;
        await metrics?.append({ epoch, step, train, test, seconds, stepsPerSecond });
        json({ event: "epoch", epoch, train, test, steps, seconds, stepsPerSecond });
        progress.line(epochText(event, config.training.epochs));
        break;
      }
      case "checkpoint":
        await save(event, message.blobs);
        break;
      case "pictures":
        pictures = await writePictures(run, event, message.blobs ?? {});
        break;
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

function startTexts(event: StartEvent, config: TrainConfig): string[] {
  const { adapter, parameters, peakBytes, step, totalSteps, stepsPerEpoch } = event;
  const name = adapter.description || `${adapter.vendor} ${adapter.architecture}`.trim() || "unnamed";
  const software = adapter.fallback ? " (software; reparam doctor says more)" : "";
  const from = step > 0 ? `, going on from ${formatCount(step)}` : "";
  return [
    `model    ${config.model.family}, ${formatCount(parameters)} parameters, ${formatBytes(peakBytes)} of GPU memory`,
    `adapter  ${name}${software}`,
    `steps    ${formatCount(totalSteps)}, ${formatCount(stepsPerEpoch)} an epoch${from}`,
  ];
}
