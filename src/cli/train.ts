import type { RunConfig } from "../config/config.ts";
import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { TunedChoices } from "../gpu/device.ts";
import type { Host, Message } from "../host/job.ts";
import type { PlanEvent, PlanJob, TrainJob } from "../jobs/messages.ts";
import { splitBlobs } from "../jobs/send.ts";
import { describeData, loadData } from "./data.ts";
import { reportFailure } from "./failure.ts";
import { proveWritable } from "./files.ts";
import { createProgress } from "./progress.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { createRunFolder, type NewFolder } from "./run-folder.ts";
import type { Services } from "./services.ts";
import { INTERRUPTED } from "./signals.ts";
import { planRun, type RunPlan, type TrainOptions } from "./train-options.ts";
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
    const config = withFittingBatch(plan, dataset, (line) => progress.line(line));
    const data = describeData(dataset);
    progress.line(`run      ${folder.path}`);
    progress.line(`data     ${data}`);
    for (const line of remarksOnResume(plan)) progress.line(line);
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

function conclude({ end }: Recorder, run: string, options: TrainOptions, { terminal }: Services): number {
  if (!end) throw new ReparamError("device", `The run in ${run} ended without a word: the browser may have died.`);
  const status = end.status === "stopped-early" ? "ok" : end.status;
  if (options.json) terminal.stdout.write(`${JSON.stringify({ event: "end", run, status })}\n`);
  const progress = createProgress(terminal, options);
  switch (end.status) {
    case "failed":
      terminal.stderr.write(`reparam: ${end.message ?? "The run failed."}\n`);
      return 1;
    case "interrupted":
      if (!options.quiet) terminal.stderr.write(`Saved. Resume with: reparam train --resume ${shellQuote(run)}\n`);
      return INTERRUPTED;
    case "stopped-early":
      progress.line(`Stopped early after epoch ${end.epoch}: what it is watched by no longer fell.`);
  }
  progress.line(`Done. Pictures and curves: ${run}/report.html`);
  return 0;
}

/** A plan needs to know what the data are, and not the data. */
async function printPlan(
  plan: RunPlan,
  options: TrainOptions,
  services: Services,
  interrupted: AbortSignal,
): Promise<number> {
  const { openHost, terminal } = services;
  const dataset = await loadData(plan.config.data, services);
  const config = withFittingBatch(plan, dataset, () => {});
  const say = (line: string) => terminal.stderr.write(`${line}\n`);
  const host = await openHost(config.host, say);
  try {
    const { fields, train } = dataset;
    const body: PlanJob = { kind: "plan", config, fields, count: train.count, tuned: await readTuned(host, say) };
    const receive = async (message: Message) => {
      const { event, stages } = message.body as unknown as PlanEvent;
      const tables = stages.map(({ name, plan: table }) => (stages.length > 1 ? `${name}\n${table}` : table));
      terminal.stdout.write(`${options.json ? JSON.stringify({ event, stages }) : tables.join("\n\n")}\n`);
    };
    await runJob(host, { body: body as unknown as Message["body"] }, receive, interrupted);
    return 0;
  } finally {
    await host.close();
  }
}

/** Runs a job; an error of `receive` (a full disk, say) stops it, and is thrown once it has ended. */
async function runJob(
  host: Host,
  job: Message,
  receive: (message: Message) => Promise<void>,
  interrupted: AbortSignal,
): Promise<void> {
  const broken = new AbortController();
  const guarded = async (message: Message) => {
    if (broken.signal.aborted) return;
    await receive(message).catch((error) => broken.abort(error));
  };
  try {
    await host.run(job, guarded, AbortSignal.any([interrupted, broken.signal]));
  } catch (error) {
    if (!broken.signal.aborted) throw error;
  }
  if (broken.signal.aborted) throw broken.signal.reason;
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
    dataset: { name, fields, trainCount: train.count, testCount: test.count },
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

/** A batch that nobody asked for is no larger than the data. Throws ReparamError "config" for one that somebody did. */
function withFittingBatch(
  { config, batchAsked }: RunPlan,
  { name, train }: Dataset,
  say: (line: string) => void,
): RunConfig {
  const { batchSize } = config.training;
  if (batchSize <= train.count) return config;
  const found = `${name} has only ${train.count} training examples`;
  if (batchAsked) {
    throw new ReparamError("config", `training.batchSize is ${batchSize}, but ${found}: choose a smaller batch.`);
  }
  say(`batch    ${train.count} instead of ${batchSize}: ${found}`);
  return { ...config, training: { ...config.training, batchSize: train.count } };
}

/** What going on means for what depends on a run's length. */
function remarksOnResume({ config, resumed }: RunPlan): string[] {
  if (!resumed) return [];
  const { training, model } = config;
  const longer =
    training.epochs !== resumed.before.training.epochs || training.maxSteps !== resumed.before.training.maxSteps;
  const named = (value: unknown) => (value as { name?: string } | null)?.name;
  const stretched = [
    ...(["cosine", "linear"].includes(training.learningRateSchedule.name) ? ["the learning rate"] : []),
    ...Object.entries(model).flatMap(([key, value]) => (named(value) === "cyclical" ? [`model.${key}`] : [])),
  ];
  if (!longer || stretched.length === 0) return [];
  return [
    `note     another length stretches the schedule of ${stretched.join(" and ")}: from here it is that of a run of this length`,
  ];
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

function shellQuote(path: string): string {
  return /^[\w./=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
