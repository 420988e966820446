import { STYLE } from "./html-style.ts";
import { minus } from "./ticks.ts";

/** Losses are nats an example, a mean over the split. */
export interface ReportEpoch {
  readonly epoch: number;
  readonly train: { readonly [metric: string]: number };
  /** Missing where this epoch was not tested. */
  readonly test?: { readonly [metric: string]: number };
  readonly seconds: number;
  readonly stepsPerSecond: number;
}

export interface ReportPicture {
  /** The file's name in the run folder, and the picture's anchor on the page. */
  readonly name: string;
  readonly caption: string;
  readonly png: Uint8Array;
}

export interface Report {
  readonly title: string;
  /** One line under the title: what was trained, on what, when. */
  readonly subtitle: string;
  readonly status: "ok" | "interrupted" | "failed";
  /** The number of trainable numbers. */
  readonly parameters: number;
  readonly epochs: readonly ReportEpoch[];
  readonly pictures: readonly ReportPicture[];
  /** The command line that makes this run again. */
  readonly command: string;
  /** Plain JSON values, shown as in config.json and environment.json. */
  readonly config: object;
  readonly environment: object;
}

/**
 * The report of a run as one self-contained page: no script, nothing loaded from elsewhere, pictures as data: URIs, light or
 * dark as the reader prefers. All text is escaped.
 */
export function reportHtml(report: Report): string {
  const { title, subtitle, status, epochs, pictures, command, config, environment } = report;
  const best = epochs
    .filter(({ test }) => Number.isFinite(test?.loss))
    .sort((a, b) => a.test!.loss! - b.test!.loss!)[0];
  const sections = [
    figures(report, best),
    pictures.length === 0 ? "" : `<section class="pictures">${pictures.map(figure).join("\n")}</section>`,
    `<section><h2>Epochs</h2>${epochTable(epochs, best)}</section>`,
    `<section><h2>Run it again</h2><pre class="command"><code>${escapeHtml(command)}</code></pre></section>`,
    `<section class="details">${details("Environment", environment)}${details("Config", config)}</section>`,
  ];
  const badge = status === "ok" ? "" : ` <span class="badge ${status}">${status}</span>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="generator" content="reparam">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}${badge}</h1><p>${escapeHtml(subtitle)}</p></header>
<main>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

/** The headline numbers. */
function figures({ epochs, parameters }: Report, best: ReportEpoch | undefined): string {
  const last = epochs.at(-1);
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const speeds = epochs.map(({ stepsPerSecond }) => stepsPerSecond).sort((a, b) => a - b);
  const median = speeds[speeds.length >> 1];
  const entries: [label: string, value: string, note: string][] = [];
  if (last?.test !== undefined) entries.push(["Test loss", formatNumber(last.test.loss), "nats an example"]);
  else if (last !== undefined) entries.push(["Train loss", formatNumber(last.train.loss), "nats an example"]);
  if (best !== undefined) entries.push(["Best test loss", formatNumber(best.test!.loss), `epoch ${best.epoch}`]);
  entries.push(["Parameters", parameters.toLocaleString("en-US"), "trainable"]);
  entries.push(["Time", duration(seconds), `${epochs.length} ${epochs.length === 1 ? "epoch" : "epochs"}`]);
  if (median !== undefined) entries.push(["Speed", rate(median), "steps/s, median"]);
  const items = entries.map(([label, value, note]) => {
    const parts = [label, value, note].map(escapeHtml);
    return `<div><dt>${parts[0]}</dt><dd>${parts[1]}<small>${parts[2]}</small></dd></div>`;
  });
  return `<dl class="figures">${items.join("")}</dl>`;
}

function figure({ name, caption, png }: ReportPicture): string {
  // Width and height from the PNG's header keep the page from jumping while it loads.
  const view = new DataView(png.buffer, png.byteOffset, 24);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const source = `data:image/png;base64,${base64(png)}`;
  const id = escapeHtml(name);
  return `<figure id="${id}"><img src="${source}" width="${width}" height="${height}" alt="${escapeHtml(caption)}">
<figcaption>${escapeHtml(caption)} <span class="file">${id}</span></figcaption></figure>`;
}

function epochTable(epochs: readonly ReportEpoch[], best: ReportEpoch | undefined): string {
  if (epochs.length === 0) return "<p>No epoch was completed.</p>";
  const columns = (["train", "test"] as const).flatMap((split) => {
    const metrics = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch[split] ?? {})))];
    return metrics.map((metric, i) => {
      const values = epochs.map((epoch) => epoch[split]?.[metric]);
      return { split, metric, decimals: decimalsFor(values), style: i === 0 ? split : "", count: metrics.length };
    });
  });
  const groups = columns
    .filter(({ style }) => style !== "")
    .map(({ split, count }) => `<th colspan="${count}" scope="colgroup" class="group">${split}</th>`);
  const names = columns.map(({ metric, style }) => `<th scope="col" class="${style}">${escapeHtml(metric)}</th>`);
  const rows = epochs.map((epoch) => {
    const cells = columns.map(
      ({ split, metric, decimals, style }) =>
        `<td class="${style}">${formatNumber(epoch[split]?.[metric], decimals)}</td>`,
    );
    const times = `<td class="time">${duration(epoch.seconds)}</td><td>${rate(epoch.stepsPerSecond)}</td>`;
    return `<tr${epoch === best ? ' class="best"' : ""}><th scope="row">${epoch.epoch}</th>${cells.join("")}${times}</tr>`;
  });
  return `<div class="scroll"><table>
<thead><tr><th rowspan="2" scope="col">epoch</th>${groups.join("")}<th rowspan="2" scope="col" class="time">time</th>
<th rowspan="2" scope="col">steps/s</th></tr><tr>${names.join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody>
</table></div>`;
}

const details = (name: string, value: object): string =>
  `<details><summary>${name}</summary><pre><code>${escapeHtml(JSON.stringify(value, null, 2))}</code></pre></details>`;

/** So many decimals that the largest number has five digits, and at least two: 105.56, 0.032184. */
function decimalsFor(values: readonly (number | undefined)[]): number {
  const largest = Math.max(...values.map((value) => (Number.isFinite(value) ? Math.abs(value!) : 0)));
  return largest === 0 ? 2 : Math.max(2, Math.min(7, 4 - Math.floor(Math.log10(largest))));
}

function formatNumber(value: number | undefined, decimals = decimalsFor([value])): string {
  if (value === undefined) return "–";
  if (!Number.isFinite(value)) return String(value);
  return minus(Math.abs(value) < 1e6 ? value.toFixed(decimals) : value.toExponential(3).replace("+", ""));
}

const rate = (stepsPerSecond: number): string => stepsPerSecond.toFixed(stepsPerSecond < 100 ? 1 : 0);

function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

const ESCAPES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, in content and in attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
