import { type RunConfig, remarksOnModel } from "../config/config.ts";
import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { TunedChoices } from "../gpu/device.ts";
import type { Host, Message } from "../host/job.ts";
import type { TrainJob } from "../jobs/messages.ts";
import { splitBlobs } from "../jobs/send.ts";
import { newestGood, setDamagedAside } from "./checkpoints.ts";
import { describeData, loadData, remarksOn } from "./data.ts";
import { type ExitCode, exits } from "./exit-codes.ts";
import { failureEvent, reportFailure } from "./failure.ts";
import { proveWritable } from "./files.ts";
import { withFittingBatch } from "./fitting-batch.ts";
import { runJob } from "./host-job.ts";
import { planRun } from "./plan-run.ts";
import { printPlan } from "./print-plan.ts";
import { createProgress } from "./progress.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { remarksOnResume } from "./resume.ts";
import { createRunFolder, type NewFolder } from "./run-folder.ts";
import { lockRun } from "./run-lock.ts";
import type { Services } from "./services.ts";
import type { TrainOptions } from "./train-options.ts";
import { endTexts, lastCheckpointText, shellQuote } from "./train-texts.ts";
import { readTuned } from "./tuned-file.ts";
import { version } from "./version.ts";

/** A browser that is lost more often than this, and no new checkpoint between, is not replaced again. */
const MAX_VAIN_HOSTS = 3;

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
  let unlock = () => {};
  try {
    unlock = await lockRun(folder.path, say);
    const dataset = await loadData(plan.config.data, services);
    const { name, fields, train } = dataset;
    const config = withFittingBatch(plan, { name, count: train.count }, (line) => progress.line(line));
    const data = describeData(dataset);
    progress.line(`run      ${folder.path}`);
    progress.line(`data     ${data}`);
    const onModel = remarksOnModel(config.model, { fields, count: train.count }).map((text) => `note     ${text}`);
    for (const line of [...remarksOn(dataset), ...onModel, ...remarksOnResume(plan)]) progress.line(line);
    throwIfAborted(interrupted);
    const open = async () => {
      const opened = await services.openHost(config.host, say);
      return { opened, tuned: await readTuned(opened, say) };
    };
    let { opened, tuned } = await open();
    host = opened;
    throwIfAborted(interrupted);
    if (plan.resumed) await setDamagedAside(folder.path, plan.resumed.from);
    const keeper = createRecorder({
      run: folder.path,
      config,
      environment: environmentOf(host, dataset),
      data,
      from: plan.resumed?.from,
      progress,
      json: writeJsonLine,
    });
    recorder = keeper;
    let from = plan.resumed?.from;
    for (let vain = 0; ; ) {
      const before = keeper.saved?.step ?? 0;
      try {
        const message = trainMessage(config, from?.bytes, dataset, options, tuned);
        await runJob(host, message, keeper.receive, interrupted);
        break;
      } catch (error) {
        if (!keeper.start || interrupted.aborted || !isReplaceable(host, error)) throw error;
        vain = (keeper.saved?.step ?? 0) > before ? 0 : vain + 1;
        if (vain > MAX_VAIN_HOSTS) throw error;
        await host.close();
        ({ opened, tuned } = await open());
        host = opened;
        from = await newestGood(folder.path);
        keeper.goBack(from?.step ?? 0, (error as Error).message);
      }
    }
    progress.clear();
    return conclude(keeper, folder.path, options, services);
  } catch (error) {
    progress.clear();
    if (!recorder?.start) throw error;
    const failure = withLastCheckpoint(error, recorder, folder.path);
    const exit = reportFailure(failure, terminal.stderr, true);
    writeJsonLine({ run: folder.path, ...failureEvent(failure, exit) });
    return exit.code;
  } finally {
    await host?.close();
    unlock();
    await folder.discard();
  }
}

/** A browser or its page that died; a mistake in a job, whose stack is the error's cause, would only come again. */
const isReplaceable = ({ kind }: Host, error: unknown): boolean =>
  kind === "chromium" && error instanceof ReparamError && error.code === "device" && error.cause === undefined;

/** The error with what is left of the run, and how to go on. */
function withLastCheckpoint(error: unknown, { saved }: Recorder, run: string): unknown {
  if (!(error instanceof ReparamError) || !saved) return error;
  const { code, message } = error;
  return new ReparamError(code, `${message} ${lastCheckpointText(saved.path, run)}`, { cause: error });
}

function conclude(
  { start, end, saved }: Recorder,
  run: string,
  { json, quiet, ...options }: TrainOptions,
  { terminal }: Services,
): number {
  if (!end) throw new ReparamError("device", `The run in ${run} ended without a word: the browser may have died.`);
  const exit: ExitCode = exitOfEnd[end.status];
  const { code: exitCode, retry } = exit;
  const status = end.status === "stopped-early" ? "ok" : end.status;
  const { message } = end;
  const told = { event: "end", run, status, exitCode, ...(retry && { retry }), ...(message && { message }) };
  if (json) terminal.stdout.write(`${JSON.stringify(told)}\n`);
  const progress = createProgress(terminal, { json, quiet, ...options });
  if (end.status === "failed") {
    const where = saved ? ` They are in ${saved.path}.` : "";
    terminal.stderr.write(`reparam: ${end.message ?? "The run failed."}${where}\n`);
    return exitCode;
  }
  if (end.status === "interrupted") {
    if (!quiet) terminal.stderr.write(`Saved. Resume with: reparam train --resume ${shellQuote(run)}\n`);
    return exitCode;
  }
  for (const line of endTexts(end, start?.step ?? 0, run)) progress.line(line);
  progress.line(`Done. Pictures and curves: ${run}/report.html`);
  return exitCode;
}

const exitOfEnd = {
  ok: exits.done,
  "stopped-early": exits.done,
  interrupted: exits.interrupted,
  failed: exits.diverged,
} as const;

function trainMessage(
  config: RunConfig,
  checkpoint: Uint8Array | undefined,
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
    resume: checkpoint !== undefined,
    tuned,
  };
  return {
    body: body as unknown as Message["body"],
    blobs: { ...splitBlobs("train", train), ...splitBlobs("test", test), ...(checkpoint && { checkpoint }) },
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
