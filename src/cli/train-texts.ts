import type { RunConfig } from "../config/config.ts";
import { adapterKey } from "../gpu/device.ts";
import type { EndEvent, NonFiniteEvent, RecoveryEvent, StageEvent, StartEvent } from "../jobs/messages.ts";
import { formatCount } from "./data.ts";
import { formatBytes } from "./progress.ts";

/** What a person is told of a run, beside its epochs. */

type Adapter = StartEvent["adapter"];

const nameOf = ({ description, vendor, architecture }: Adapter): string =>
  description || `${vendor} ${architecture}`.trim() || "unnamed";

export function startTexts(event: StartEvent, config: RunConfig): string[] {
  const { adapter, parameters, peakBytes, step, totalSteps, stepsPerEpoch, stages } = event;
  const software = adapter.fallback ? " (software; reparam doctor says more)" : "";
  const from = step > 0 ? `, going on from ${formatCount(step)}` : "";
  const parts = stages.map((stage) => `${stage.name} ${formatCount(stage.steps)}`);
  return [
    `model    ${config.model.family}, ${formatCount(parameters)} parameters, ${formatBytes(peakBytes)} of GPU memory`,
    `adapter  ${nameOf(adapter)}${software}`,
    `steps    ${formatCount(totalSteps)}, ${formatCount(stepsPerEpoch)} an epoch${from}`,
    ...(stages.length > 1 ? [`stages   ${parts.join(", ")}`] : []),
  ];
}

export const stageText = ({ name, steps }: StageEvent): string => `stage    ${name}, ${formatCount(steps)} steps`;

/** `before` is the adapter that was lost. */
export function recoveryText({ reason, adapter, step }: RecoveryEvent, before: Adapter): string {
  const why = reason.replace(/\.$/, "");
  return `The graphics processor went away (${why}). Going on from step ${step}${otherAdapterText(adapter, before)}.`;
}

/** That a run goes on where it was not before; empty on the same adapter. */
export const otherAdapterText = (adapter: Adapter, before: Adapter): string =>
  adapterKey(adapter) === adapterKey(before)
    ? ""
    : `, on ${nameOf(adapter)} instead of ${nameOf(before)}: its bytes are no longer those of a run on one adapter`;

/** What is left of a run that failed. */
export const lastCheckpointText = (path: string, run: string): string =>
  `The last good checkpoint is ${path}; go on from it with: reparam train --resume ${shellQuote(run)}`;

export function nonFiniteText({ step, action, from }: NonFiniteEvent): string {
  if (action === "skip") return `Step ${step} was not finite and is passed over.`;
  return `Step ${step} was not finite: back to step ${from}, and on with half the learning rate.`;
}

export const bestText = ({ epoch }: { readonly epoch: number }): string =>
  `Epoch ${epoch} was the best: its weights are in checkpoints/best (\`--best\` uses them).`;

export const NO_PICTURES =
  "There are no pictures: they are of images (grey, RGB or RGBA), of series, of points of the plane, and of codes that are vectors.";

/** Why a run has ended where it did, and how to go on where it did nothing; `from` is the step that it began at. */
export function endTexts({ status, step, epoch }: EndEvent, from: number, run: string): string[] {
  const resume = `reparam train --resume ${shellQuote(run)}`;
  const idle = step === from && step > 0;
  if (status === "stopped-early" && idle) {
    return [
      `This run had already stopped early, after epoch ${epoch}. Go on with a larger patience or without one:`,
      `  ${resume} --set training.earlyStopping.patience=N`,
      `  ${resume} --set training.earlyStopping=null`,
    ];
  }
  if (status === "stopped-early") return [`Stopped early after epoch ${epoch}: what it is watched by no longer fell.`];
  return idle
    ? [`This run had already done its ${formatCount(step)} steps. Train it longer with: ${resume} --epochs N`]
    : [];
}

/** A path as one word of a shell. */
export const shellQuote = (path: string): string =>
  /^[\w./=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
