import type { Comparison } from "../bench/baseline.ts";
import { type BenchReport, type KernelResult, keyOf } from "../bench/report.ts";
import {
  describeMethod,
  formatError,
  formatGiga,
  formatPercent,
  formatSeconds,
  formatVerdict,
  remarksOf,
} from "./bench-text.ts";
import { STYLE } from "./html-style.ts";
import { escapeHtml } from "./html-text.ts";
import { rooflinePoints, rooflineSvg } from "./roofline.ts";

const PLOT_STYLE = `
.plot { overflow-x: auto; }
.plot svg { display: block; width: 100%; min-width: 42rem; height: auto; font: 13px system-ui, sans-serif; fill: var(--faint); }
.plot .grid { stroke: var(--line); stroke-width: 1; }
.plot .roof { fill: none; stroke: var(--ink); stroke-width: 2; stroke-linejoin: round; }
.plot .ceiling, .plot .number { fill: var(--ink); stroke: var(--paper); stroke-width: 4; stroke-linejoin: round; paint-order: stroke; }
.plot .ceiling { font-weight: 600; }
.plot .leader { stroke: var(--faint); stroke-width: .75; opacity: .6; }
.plot circle { fill: var(--accent); stroke: var(--paper); stroke-width: 1.5; }
.plot .number { font-size: 12px; }
.kernels { max-height: none; }
.kernels th, .kernels td { padding: .4rem .65rem; }
.kernels td:nth-child(2), .kernels td:nth-child(3), .kernels td:nth-child(4), .kernels thead th:nth-child(-n+4) { text-align: left; }
.kernels .bad { color: var(--bad); font-weight: 600; }
.kernels .bar { background: linear-gradient(to right, color-mix(in srgb, var(--accent) 28%, transparent) var(--share), transparent var(--share)); }
.remarks { margin: 0; padding-left: 1.2rem; color: var(--faint); }
.remarks .bad { color: var(--bad); }
`;

/**
 * A benchmark as one self-contained page: what was measured and on what, the roofline plot, the table. No script, nothing
 * loaded from elsewhere, light or dark as the reader prefers. `place`: the host in words.
 */
export function benchHtml(report: BenchReport, place: string, comparison?: Comparison): string {
  const { adapterName, kernels } = report;
  const title = "Kernel benchmark";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="reparam">
<title>${title}: ${escapeHtml(adapterName)}</title>
<style>${STYLE}${PLOT_STYLE}</style>
</head>
<body>
<header><h1>${title}</h1><p>${escapeHtml(adapterName)}, ${escapeHtml(place)}</p></header>
<main>
${figures(report)}
${plot(report)}
<section><h2>Kernels</h2>${table(kernels, comparison)}</section>
${remarks(report, comparison)}
<section><h2>How it was measured</h2><p>${escapeHtml(describeMethod(report))}.
Every kernel was compared with a float64 reference before it was timed; “error” is the largest difference as a part of the
exact value, or of the typical one where that is smaller. “Roofline” is the time that the two ceilings allow as a per cent
of the time taken; what fits the caches, or only reads, may exceed 100 %.</p></section>
</main>
</body>
</html>
`;
}

function figures({ ceilings, kernels, adapter, clock, rounds }: BenchReport): string {
  const checked = kernels.filter(({ status, maxRelativeError }) => status !== "ok" || maxRelativeError !== null);
  const right = checked.filter(({ status }) => status === "ok").length;
  const entries: [string, string, string][] = [
    ...(ceilings
      ? ([
          ["Multiply-add ceiling", formatGiga(ceilings.flopsPerSecond.median), "GFLOP/s"],
          ["Copy ceiling", formatGiga(ceilings.bytesPerSecond.median), "GB/s"],
        ] as [string, string, string][])
      : []),
    ["Right", `${right} of ${checked.length}`, "checked against float64"],
    ["Adapter", adapter.fallback ? "software" : "hardware", adapter.fallback ? "no GPU" : "GPU"],
    ["Clock", clock, `${rounds} interleaved rounds`],
  ];
  const items = entries.map(
    ([label, value, note]) => `<div><dt>${label}</dt><dd>${value}<small>${note}</small></dd></div>`,
  );
  return `<dl class="figures">${items.join("")}</dl>`;
}

function plot({ kernels, ceilings }: BenchReport): string {
  if (!ceilings) return "";
  const points = rooflinePoints(kernels);
  if (points.length === 0) return "";
  return `<section><h2>Roofline</h2><div class="plot">${rooflineSvg(points, ceilings)}</div></section>`;
}

function table(kernels: readonly KernelResult[], comparison?: Comparison): string {
  const header = ["", "kernel", "variant", "shape", "error", "median", "p10", "p90", "GFLOP/s", "GB/s", "roofline"];
  const titles = [...header, ...(comparison ? ["baseline"] : [])].map((title) => `<th scope="col">${title}</th>`);
  const rows = kernels.map((result, index) => {
    const { kernel, variant, shape, status, time } = result;
    const names = [kernel, variant, shape].map((text) => `<td>${escapeHtml(text)}</td>`);
    const error = `<td${status === "ok" ? "" : ' class="bad"'}>${formatError(result)}</td>`;
    const verdict = comparison ? `<td>${formatVerdict(comparison.kernels[keyOf(result)])}</td>` : "";
    const times = time
      ? [
          ...[time.median, time.p10, time.p90].map(formatSeconds),
          formatGiga(time.flopsPerSecond),
          formatGiga(time.bytesPerSecond),
        ].map((text) => `<td>${text}</td>`)
      : Array.from({ length: 6 }, () => "<td></td>");
    const share = time ? `${Math.min(100, 100 * time.roofline).toFixed(1)}%` : "";
    const bar = time ? `<td class="bar" style="--share:${share}">${formatPercent(time.roofline)}</td>` : "";
    return `<tr><th scope="row">${index + 1}</th>${names.join("")}${error}${times.join("")}${bar}${verdict}</tr>`;
  });
  return `<div class="scroll kernels"><table><thead><tr>${titles.join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>`;
}

function remarks({ kernels }: BenchReport, comparison?: Comparison): string {
  const lines = [
    ...(comparison?.doubts ?? []).map((doubt) => `<li>${escapeHtml(doubt)}</li>`),
    ...remarksOf(kernels).map(({ text, bad }) => `<li${bad ? ' class="bad"' : ""}>${escapeHtml(text)}</li>`),
  ];
  if (lines.length === 0) return "";
  return `<section><h2>Remarks</h2><ul class="remarks">${lines.join("\n")}</ul></section>`;
}
