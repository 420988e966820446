import type { ReportEpoch, Units } from "./epoch.ts";
import { epochTables } from "./epoch-table.ts";
import { STYLE } from "./html-style.ts";
import { describeUnit, duration, escapeHtml, formatNumber, lossesOf, rate } from "./html-text.ts";

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
  readonly units: Units;
  /** Sentences for the top of the page. */
  readonly remarks: readonly string[];
  /** The best epoch, where something tells which it is. */
  readonly best?: { readonly epoch: number };
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
  const { title, subtitle, status, epochs, units, remarks, pictures, command, config, environment } = report;
  const best = report.best && epochs.findLast(({ epoch }) => epoch === report.best!.epoch);
  const sections = [
    remarks.length === 0 ? "" : `<section>${remarks.map((line) => `<p>${escapeHtml(line)}</p>`).join("")}</section>`,
    figures(report, best),
    pictures.length === 0 ? "" : `<section class="pictures">${pictures.map(figure).join("\n")}</section>`,
    `<section><h2>Epochs</h2>${epochTables(epochs, units, best)}</section>`,
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
function figures({ epochs, parameters, units }: Report, best: ReportEpoch | undefined): string {
  const last = epochs.at(-1);
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const speeds = epochs.map(({ stepsPerSecond }) => stepsPerSecond).sort((a, b) => a - b);
  const median = speeds[speeds.length >> 1];
  const entries: [label: string, value: string, note: string][] = [];
  const held = lossesOf(last?.test ?? {}).length > 0;
  const shown = (held ? last?.test : last?.train) ?? {};
  for (const name of lossesOf(shown)) {
    const of = name === "loss" ? "loss" : name.replace(/\.loss$/, " loss");
    const value = formatNumber(shown[name]);
    entries.push([held ? `Test ${of}` : `Train ${of}`, value, describeUnit({ ...units, ...last?.units }[name])]);
  }
  // What was watched may be another term: its test loss is that epoch's, and not said to be the lowest.
  if (best) {
    const loss = best.test?.loss;
    const note = loss === undefined ? `of ${epochs.length}` : `test loss ${formatNumber(loss)}`;
    entries.push(["Best epoch", `${best.epoch}`, note]);
  }
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

const details = (name: string, value: object): string =>
  `<details><summary>${name}</summary><pre><code>${escapeHtml(JSON.stringify(value, null, 2))}</code></pre></details>`;

function base64(bytes: Uint8Array): string {
  let binary = "";
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
