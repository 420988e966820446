import fs from "node:fs/promises";
import { join } from "node:path";
import type { Losses, StageInfo } from "../jobs/messages.ts";
import { ioError, writeWhole } from "./files.ts";

/** One line of metrics.jsonl: an epoch, or with `training.metricsEvery` some steps of one (`test` is then missing). */
export interface MetricsLine {
  readonly epoch: number;
  readonly step: number;
  /** Of a run with several stages. */
  readonly stage?: string;
  readonly train: Losses;
  readonly test?: Losses;
  /** What each term is measured in. */
  readonly units?: Readonly<Record<string, string>>;
  /** Learning rates and the model's schedules. */
  readonly schedules?: Readonly<Record<string, number>>;
  readonly seconds?: number;
  readonly stepsPerSecond?: number;
}

export interface Metrics {
  readonly lines: readonly MetricsLine[];
  append(line: MetricsLine): Promise<void>;
  /** Before a checkpoint is written, so that after a power loss no line is missing before it. */
  sync(): Promise<void>;
}

/**
 * The metrics of a run. `upToStep` cuts the file back to what had happened by then, which is where a resumed run
 * begins; a last line that a crash left unfinished goes too.
 */
export async function openMetrics(run: string, upToStep: number): Promise<Metrics> {
  const path = join(run, "metrics.jsonl");
  const text = await fs.readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").flatMap((line) => parseLine(line, upToStep));
  const kept = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  if (kept !== text) await writeWhole(path, kept);
  let size = Buffer.byteLength(kept);
  return {
    lines,
    async append(line) {
      const added = `${JSON.stringify(line)}\n`;
      try {
        await fs.appendFile(path, added);
      } catch (error) {
        await fs.truncate(path, size).catch(() => {});
        throw ioError(error, path);
      }
      size += Buffer.byteLength(added);
      lines.push(line);
    },
    async sync() {
      const handle = await fs.open(path, "a");
      try {
        await handle.sync();
      } catch (error) {
        throw ioError(error, path);
      } finally {
        await handle.close();
      }
    },
  };
}

/**
 * The epoch at which what its stage is watched by was lowest: of the stage that the last epoch belongs to, since another
 * is watched by another term. undefined where nothing is watched.
 */
export function bestEpoch(lines: readonly MetricsLine[], stages: readonly StageInfo[]): MetricsLine | undefined {
  const tested = lines.filter(({ test }) => test);
  const name = tested.at(-1)?.stage;
  const monitor = stageAt(stages, name)?.monitor;
  if (!monitor) return undefined;
  const value = (line: MetricsLine) => line[monitor.split]?.[monitor.term] ?? Number.POSITIVE_INFINITY;
  const finite = tested.filter((line) => line.stage === name && Number.isFinite(value(line)));
  return finite.reduce<MetricsLine | undefined>((a, b) => (a && value(a) <= value(b) ? a : b), undefined);
}

/** The stage that a line of the metrics belongs to; lines of a run with one stage do not name it. */
export const stageAt = (stages: readonly StageInfo[], name: string | undefined): StageInfo | undefined =>
  stages.find((stage) => stage.name === name) ?? stages.at(-1);

function parseLine(text: string, upToStep: number): MetricsLine[] {
  try {
    const line = JSON.parse(text) as MetricsLine;
    return line.step <= upToStep ? [line] : [];
  } catch {
    return [];
  }
}
