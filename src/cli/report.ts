import { basename, join } from "node:path";
import { type ReportPicture, reportHtml } from "../report/html.ts";
import type { TrainConfig } from "../train/config.ts";
import type { EndEvent, Losses, StartEvent } from "../train/messages.ts";
import { writeWhole } from "./files.ts";
import type { MetricsLine } from "./metrics.ts";
import { lossesPicture } from "./pictures.ts";

export interface RunReport {
  readonly config: TrainConfig;
  readonly environment: object;
  /** The data in words. */
  readonly data: string;
  readonly start: StartEvent;
  readonly end: EndEvent;
  readonly lines: readonly MetricsLine[];
  readonly pictures: readonly ReportPicture[];
}

/** Writes losses.png and report.html of a run that has ended. */
export async function writeReport(run: string, report: RunReport): Promise<void> {
  const { config, environment, data, start, end, lines } = report;
  const losses = { name: "losses.png", caption: "Loss curves", png: lossesPicture(lines) };
  await writeWhole(join(run, losses.name), losses.png);
  const html = reportHtml({
    title: basename(run),
    subtitle: `${config.model.family} on ${data}`,
    status: end.status === "stopped-early" ? "ok" : end.status,
    parameters: start.parameters,
    epochs: lines.flatMap(({ epoch, train, test, seconds, stepsPerSecond }) => {
      if (!test || seconds === undefined || stepsPerSecond === undefined) return [];
      return [{ epoch, train: finite(train), test: finite(test), seconds, stepsPerSecond }];
    }),
    pictures: [...report.pictures, losses],
    command: `reparam train ${join(run, "config.json")}`,
    config,
    environment,
  });
  await writeWhole(join(run, "report.html"), html);
}

/** JSON has null for numbers that are not finite. */
function finite({ loss, reconstruction, kl }: Losses): Record<string, number> {
  return { loss: loss ?? Number.NaN, reconstruction: reconstruction ?? Number.NaN, kl: kl ?? Number.NaN };
}
