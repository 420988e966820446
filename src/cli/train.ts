import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { TunedChoices } from "../gpu/device.ts";
import type { Host, Message } from "../host/job.ts";
import type { TrainJob } from "../jobs/messages.ts";
import { splitBlobs } from "../jobs/send.ts";
import { describeData, loadData, remarksOn } from "./data.ts";
import { reportFailure } from "./failure.ts";
import { proveWritable } from "./files.ts";
import { withFittingBatch } from "./fitting-batch.ts";
import { runJob } from "./host-job.ts";
import { planRun } from "./plan-run.ts";
import { printPlan } from "./print-plan.ts";
import { createProgress } from "./progress.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { remarksOnResume } from "./resume.ts";
import { createRunFolder, type NewFolder } from "./run-folder.ts";
import type { Services } from "./services.ts";
import { INTERRUPTED } from "./signals.ts";
import type { RunPlan, TrainOptions } from "./train-options.ts";
import { endTexts, shellQuote } from "./train-texts.ts";
import { readTuned } from "./tuned-file.ts";
import { version } from "./version.ts";

/**
 * `reparam train`: everything that can be wrong with config, data and folder is found out before a browser starts.
 * Returns the exit code; throws what went wrong before the training began.
 */
export async function train(
  file: string | undefined,
  options: TrainOptions,
  services: Services,
  interrupted: AbortSignal,
): Promise<number> {
  const { terminal } = services;
  const { json = false } = options;
  const plan = await planRun(file, options);
  if (options.printConfig) {
    terminal.stdout.write(`${JSON.stringify(plan.config, null, json ? undefined : 2)}\n`);
    return 0;
  }
  if (options.printPlan) return printPlan(plan, options, services, interrupted);

  const folder = plan.resumed ? await existing(plan.resumed.run) : await createRunFolder(plan.label, options.out);
  const progress = createProgress(terminal, options);
  const say = (line: string) => {
    if (!options.quiet) terminal.stderr.write(`${line}\n`);
  };
  const writeJsonLine = (event: object) => {
    if (json) terminal.stdout.write(`${JSON.stringify(event)}\n`);
  };
  let recorder: Recorder | undefined;
  let host: Host | undefined;
  try {
    const dataset = await loadData(plan.config.data, services);
    const { name, train } = dataset;
    const config = withFittingBatch(plan, { name, count: train.count }, (line) => progress.line(line));
    const data = describeData(dataset);
    progress.line(`run      ${folder.path}`);
    progress.line(`data     ${data}`);
    for (const line of [...remarksOn(dataset), ...remarksOnResume(plan)]) progress.line(line);
    throwIfAborted(interrupted);
    host = await services.openHost(plan.config.host, say);
    throwIfAborted(interrupted);
    recorder = createRecorder({
      run: folder.path,
      config,
      environment: environmentOf(host, dataset),
      data,
      fromStep: plan.resumed?.step ?? 0,
      progress,
      json: writeJsonLine,
    });
    const tuned = await readTuned(host, say);
    await runJob(host, trainMessage({ ...plan, config }, dataset, options, tuned), recorder.receive, interrupted);
    progress.clear();
    return conclude(recorder, folder.path, options, services);
  } catch (error) {
    progress.clear();
    if (!recorder?.start) throw error;
    const code = reportFailure(error, terminal.stderr);
    writeJsonLine({ event: "end", run: folder.path, status: code === INTERRUPTED ? "interrupted" : "failed" });
    // Code 3 says that there is no WebGPU; a device that is lost half-way is a run that failed.
    return code === 3 ? 1 : code;
  } finally {
    await folder.discard();
    await host?.close();
  }
}

function conclude({ start, end }: Recorder, run: string, options: TrainOptions, { terminal }: Services): number {
  if (!end) throw new ReparamError("device", `The run in ${run} ended without a word: the browser may have died.`);
  const status = end.status === "stopped-early" ? "ok" : end.status;
  if (options.json) terminal.stdout.write(`${JSON.stringify({ event: "end", run, status })}\n`);
  const progress = createProgress(terminal, options);
  if (end.status === "failed") {
    terminal.stderr.write(`reparam: ${end.message ?? "The run failed."}\n`);
    return 1;
  }
  if (end.status === "interrupted") {
    if (!options.quiet) terminal.stderr.write(`Saved. Resume with: reparam train --resume ${shellQuote(run)}\n`);
    return INTERRUPTED;
  }
  for (const line of endTexts(end, start?.step ?? 0, run)) progress.line(line);
  progress.line(`Done. Pictures and curves: ${run}/report.html`);
  return 0;
}

function trainMessage(
  { config, resumed }: RunPlan,
  dataset: Dataset,
  options: TrainOptions,
  tuned: TunedChoices,
): Message {
  const { name, fields, train, test } = dataset;
  const body: TrainJob = {
    kind: "train",
    config,
    dataset: {
      name,
      fields,
      trainCount: train.count,
      testCount: test.count,
      ...(train.fitted && { fittedCount: train.fitted.count }),
    },
    fastDevRun: options.fastDevRun ?? false,
    resume: resumed !== undefined,
    tuned,
  };
  const checkpoint = resumed && { checkpoint: resumed.checkpoint };
  return {
    body: body as unknown as Message["body"],
    blobs: { ...splitBlobs("train", train), ...splitBlobs("test", test), ...checkpoint },
  };
}

function environmentOf(host: Host, dataset: Dataset): Record<string, unknown> {
  return {
    reparam: version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    host: { kind: host.kind, version: host.version },
    data: { name: dataset.name, fields: dataset.fields, train: dataset.train.count, test: dataset.test.count },
    startedAt: new Date().toISOString(),
  };
}

async function existing(path: string): Promise<NewFolder> {
  await proveWritable(path);
  return { path, discard: async () => {} };
}

function throwIfAborted(interrupted: AbortSignal): void {
  if (interrupted.aborted) throw new ReparamError("aborted", "Interrupted before the first step; nothing was saved.");
}
