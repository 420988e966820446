import { basename, join } from "node:path";
import type { RunConfig } from "../config/config.ts";
import type { EndEvent, Losses, StartEvent } from "../jobs/messages.ts";
import type { ReportEpoch } from "../report/epoch.ts";
import { type ReportPicture, reportHtml } from "../report/html.ts";
import { lossChart } from "../report/loss-chart.ts";
import { writeWhole } from "./files.ts";
import type { MetricsLine } from "./metrics.ts";

export interface RunReport {
  readonly config: RunConfig;
  readonly environment: object;
  /** The data in words. */
  readonly data: string;
  readonly start: StartEvent;
  readonly end: EndEvent;
  readonly lines: readonly MetricsLine[];
  readonly pictures: readonly ReportPicture[];
  /** What is worth knowing, in sentences. */
  readonly remarks: readonly string[];
  readonly best?: { readonly epoch: number };
}

/** Writes losses.png and report.html of a run that has ended. */
export async function writeReport(run: string, report: RunReport): Promise<void> {
  const { config, environment, data, start, end, lines, remarks, best } = report;
  const epochs = epochsOf(lines);
  const units = epochs.at(-1)?.units ?? {};
  const losses = { name: "losses.png", caption: "Loss curves", png: lossChart(epochs, units) };
  await writeWhole(join(run, losses.name), losses.png);
  const html = reportHtml({
    title: basename(run),
    subtitle: `${config.model.family} on ${data}`,
    status: end.status === "stopped-early" ? "ok" : end.status,
    parameters: start.parameters,
    epochs,
    units,
    remarks,
    ...(best && { best }),
    pictures: [...report.pictures, losses],
    command: `reparam train ${join(run, "config.json")}`,
    config,
    environment,
  });
  await writeWhole(join(run, "report.html"), html);
}

/** The epochs among the lines of metrics.jsonl. */
export const epochsOf = (lines: readonly MetricsLine[]): ReportEpoch[] =>
  lines.flatMap((line): ReportEpoch[] => {
    const { epoch, stage, train, test, units, schedules, seconds, stepsPerSecond } = line;
    if (!test || seconds === undefined || stepsPerSecond === undefined) return [];
    return [{ epoch, stage, train: finite(train), test: finite(test), units, schedules, seconds, stepsPerSecond }];
  });

/** JSON has null for numbers that are not finite. */
const finite = (losses: Losses): Record<string, number> =>
  Object.fromEntries(Object.entries(losses).map(([name, value]) => [name, value ?? Number.NaN]));
