import type { EpochEvent, Losses, ProgressEvent } from "../jobs/messages.ts";
import type { Terminal } from "./terminal.ts";

/** What a training run shows: one line for each thing that happened, and a bar below them where lines can be redrawn. */
export interface Progress {
  line(text: string): void;
  /** A line on stderr, also where lines go to stdout: what is not as it should be, and no error. */
  warn(text: string): void;
  bar(event: ProgressEvent, epochs: number): void;
  /** Takes the bar away, for instance before an error is printed. */
  clear(): void;
}

const CLEAR_LINE = "\r\x1b[K";
const REDRAW_MILLISECONDS = 100;

/** `json` moves the lines to stderr, as stdout then belongs to the machine; `quiet` shows nothing. */
export function createProgress(terminal: Terminal, { json = false, quiet = false } = {}): Progress {
  const lines = json ? terminal.stderr : terminal.stdout;
  let shown = false;
  let drawnAt = 0;
  const clear = () => {
    if (shown) terminal.stderr.write(CLEAR_LINE);
    shown = false;
  };
  return {
    clear,
    line(text) {
      clear();
      if (!quiet) lines.write(`${text}\n`);
    },
    warn(text) {
      clear();
      if (!quiet) terminal.stderr.write(`${text}\n`);
    },
    bar(event, epochs) {
      const now = performance.now();
      if (quiet || !terminal.interactive || now - drawnAt < REDRAW_MILLISECONDS) return;
      drawnAt = now;
      shown = true;
      // One column stays free: a full line makes some terminals wrap.
      const text = barText(event, epochs, terminal.stderr.columns - 1, terminal.colors);
      terminal.stderr.write(`${CLEAR_LINE}${text}`);
    },
  };
}

/** The bar in at most `width` characters: what matters less goes first when there is no room. */
export function barText(event: ProgressEvent, epochs: number, width: number, colors = false): string {
  const fraction = event.totalSteps > 0 ? Math.min(1, event.step / event.totalSteps) : 0;
  const percent = `${Math.floor(fraction * 100)}%`.padStart(4);
  const epoch = `epoch ${event.epoch}/${epochs}`;
  const loss = `loss ${formatLoss(event.loss)}`;
  const speed = `${formatSpeed(event.stepsPerSecond)} steps/s`;
  const left = `${formatDuration(event.secondsLeft)} left`;
  const texts = [
    [epoch, percent, loss, speed, left],
    [epoch, percent, loss, left],
    [percent, loss, left],
    [percent, loss],
    [percent],
  ];
  const parts = texts.find((candidate) => candidate.join("  ").length <= width) ?? [];
  const room = Math.min(30, width - parts.join("  ").length - 2);
  if (room < 5) return parts.join("  ");
  const filled = Math.round(fraction * room);
  const done = "█".repeat(filled);
  const rest = "░".repeat(room - filled);
  const bar = colors ? `\x1b[32m${done}\x1b[2m${rest}\x1b[0m` : done + rest;
  const at = parts.indexOf(percent);
  return [...parts.slice(0, at), bar, ...parts.slice(at)].join("  ");
}

/** One line that says what an epoch brought; `stage` where the run has several. */
export function epochText(event: EpochEvent, epochs: number, stage?: string): string {
  const number = `epoch ${String(event.epoch).padStart(String(epochs).length)}/${epochs}`;
  const time = `${formatDuration(event.seconds)}, ${formatSpeed(event.stepsPerSecond)} steps/s`;
  const where = stage === undefined ? number : `${number}  ${stage}`;
  return `${where}  ${termsText(event)}  ${time}${event.best ? "  best" : ""}`;
}

/**
 * `train 105.61  test 104.12 (reconstruction 79.20, kl 24.92)`; of several objectives, each loss by its name; of a model without
 * test terms those of the training.
 */
function termsText({ train, test }: EpochEvent): string {
  if (Object.keys(test).length === 0) return `train ${describeTerms(train, {})}`;
  if (!("loss" in test)) {
    return Object.keys(test)
      .filter((name) => name.endsWith(".loss"))
      .map((name) => `${name} ${formatLoss(train[name])} / ${formatLoss(test[name])}`)
      .join("  ");
  }
  const { loss, ...others } = test;
  const parts = Object.entries(others).map(([name, value]) => `${name} ${formatLoss(value)}`);
  return `train ${formatLoss(train.loss)}  test ${formatLoss(loss)}${parts.length > 0 ? ` (${parts.join(", ")})` : ""}`;
}

/** Every term with its unit: `loss 104.12 nats, reconstruction 79.20 nats, error 0.03`. */
export const describeTerms = (terms: Losses, units: Readonly<Record<string, string>>): string =>
  Object.entries(terms)
    .map(([name, value]) => [name, formatLoss(value), units[name]].filter((part) => part).join(" "))
    .join(", ");

export function formatLoss(loss: number | null): string {
  if (loss === null) return "not finite";
  if (Math.abs(loss) >= 1e6) return loss.toExponential(2);
  // Small numbers, such as rates of error, with as many digits that count.
  return loss.toFixed(loss !== 0 && Math.abs(loss) < 1 ? 4 : 2);
}

function formatSpeed(stepsPerSecond: number): string {
  return stepsPerSecond.toFixed(stepsPerSecond < 100 ? 1 : 0);
}

/** `0:09`, `12:34`, `1:02:03`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const total = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(total / 60);
  const tail = two(total % 60);
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const exponent = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** exponent).toFixed(1)} ${["B", "KiB", "MiB", "GiB"][exponent]}`;
}
