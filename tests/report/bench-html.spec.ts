import { expect, test } from "@playwright/test";
import type { KernelResult } from "../../src/bench/report.ts";
import { benchHtml } from "../../src/report/bench-html.ts";
import { formatSeconds, formatVerdict, remarksOf } from "../../src/report/bench-text.ts";
import { rooflineSvg } from "../../src/report/roofline.ts";
import { aReport, aResult, flat } from "../bench/support.ts";

const VOID = new Set(["meta", "!doctype"]);

/** Throws unless every tag is closed where its parent's content ends. */
function checkNesting(html: string): number {
  const open: string[] = [];
  let tags = 0;
  for (const [, closing, name, rest] of html
    .replace(/<style>.*?<\/style>/s, "")
    .matchAll(/<(\/?)([a-z!][\w-]*)([^<>]*)>/gi)) {
    tags++;
    if (closing) expect(open.pop()).toBe(name);
    else if (!rest.endsWith("/") && !VOID.has(name)) open.push(name);
  }
  expect(open).toEqual([]);
  return tags;
}

test("the page is well-formed and self-contained, and says what it measured on what", () => {
  const html = benchHtml(aReport([aResult("matmul", 1), aResult("reduce", 2)]), "Dawn in Node");
  expect(checkNesting(html)).toBeGreaterThan(80);
  expect(html).toContain("<p>a fake (software, no GPU), Dawn in Node</p>");
  expect(html).toContain("<dd>software<small>no GPU</small>");
  expect(html).toContain("<dd>2 of 2<small>");
  expect(html).toMatch(/<td>matmul<\/td><td>v<\/td><td>1x1<\/td><td>1\.0e-6<\/td><td>1\.00 s<\/td>/);
  expect(html).not.toMatch(/undefined|NaN|Infinity|<script|https?:/);
});

test("wrong kernels, notes, verdicts and doubts stand on the page, escaped", () => {
  const evil = "<b>&\"'";
  const wrong: KernelResult = { ...aResult(evil, 1), status: "wrong", problem: evil, notes: [evil], time: undefined };
  const html = benchHtml({ ...aReport([wrong, aResult("fine", 1)]), adapterName: evil }, evil, {
    kernels: { "fine v 1x1": { verdict: "slower", ratio: 1.5 } },
    doubts: [evil],
  });
  checkNesting(html);
  expect(html).toContain('<td class="bad">WRONG</td>');
  expect(html).toContain("1.50x slower");
  expect(html).not.toContain("<b>");
  expect(html.match(/&lt;b&gt;&amp;&quot;&#39;/g)!.length).toBeGreaterThan(6);
});

test("a remark about several kernels stands once, after their names", () => {
  const [a, b] = [aResult("a", 1), aResult("b", 1)].map((result) => ({ ...result, notes: ["By the wall clock."] }));
  expect(remarksOf([a, b])).toEqual([{ text: "a v 1x1, b v 1x1: By the wall clock.", bad: false }]);
});

test("without ceilings or kernels there is a page without a plot", () => {
  const html = benchHtml({ ...aReport([]), ceilings: undefined }, "somewhere");
  checkNesting(html);
  expect(html).not.toContain("<svg");
});

test("in the plot the ceilings meet at their ratio, and every point lies where its numbers say", () => {
  const ceilings = { flopsPerSecond: flat(100e9), bytesPerSecond: flat(10e9) };
  const points = [1, 10, 100].map((intensity, k) => ({
    label: String(k + 1),
    title: "a kernel",
    intensity,
    flopsPerSecond: Math.min(100e9, 10e9 * intensity),
  }));
  const svg = rooflineSvg(points, ceilings);
  const roof = /points="([^"]+)"/
    .exec(svg)![1]
    .split(" ")
    .map((point) => point.split(",").map(Number));
  const spots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
  expect(roof).toHaveLength(3);
  expect(roof[1][1]).toBe(roof[2][1]);
  expect(spots[1]).toEqual(roof[1]); // the ridge, 10 FLOP a byte
  expect(spots[2][1]).toBe(roof[1][1]); // under the flat part
  const slope = (roof[1][1] - roof[0][1]) / (roof[1][0] - roof[0][0]);
  expect(roof[0][1] + slope * (spots[0][0] - roof[0][0])).toBeCloseTo(spots[0][1], 0);
});

test("labels of points that lie on each other are moved apart", () => {
  const ceilings = { flopsPerSecond: flat(100e9), bytesPerSecond: flat(10e9) };
  const points = Array.from({ length: 12 }, (_, k) => ({
    label: `n${k}`,
    title: "",
    intensity: 40,
    flopsPerSecond: 50e9,
  }));
  const svg = rooflineSvg(points, ceilings);
  const labels = [...svg.matchAll(/class="number" x="([\d.]+)" y="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  expect(labels).toHaveLength(12);
  for (const [i, a] of labels.entries()) {
    for (const b of labels.slice(i + 1))
      expect(Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]))).toBeGreaterThan(15);
  }
});

test("times have three digits and a unit, and verdicts a factor", () => {
  expect([2, 0.0123, 4.5e-5, 6.78e-9].map(formatSeconds)).toEqual(["2.00 s", "12.3 ms", "45.0 µs", "6.78 ns"]);
  expect(formatVerdict({ verdict: "faster", ratio: 0.5 })).toBe("2.00x faster");
  expect(formatVerdict({ verdict: "same", ratio: 1.01 })).toBe("same");
  expect(formatVerdict(undefined)).toBe("");
});
