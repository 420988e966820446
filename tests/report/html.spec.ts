import { expect, test } from "@playwright/test";
import { type Report, reportHtml } from "../../src/report/html.ts";
import { imageGrid } from "../../src/report/image-grid.ts";

const png = imageGrid(new Float32Array(64 * 28 * 28), { count: 64, height: 28, width: 28, channels: 1 });

const metrics = (loss: number) => ({ loss, reconstruction: loss - 25.123, kl: 25.123 });

const report: Report = {
  title: "vae on mnist",
  subtitle: "784-400-20-400-784",
  status: "ok",
  parameters: 652824,
  epochs: [
    { epoch: 1, train: metrics(164.25), test: metrics(105.5), seconds: 33.2, stepsPerSecond: 14.13 },
    { epoch: 2, train: metrics(121.5), test: metrics(115.792), seconds: 33.4, stepsPerSecond: 14.05 },
    { epoch: 3, train: metrics(Number.NaN), seconds: 3600, stepsPerSecond: 140.4 },
  ],
  pictures: [{ name: "samples.png", caption: "64 samples", png }],
  command: "npx reparam train --preset vae",
  config: { latent: 20 },
  environment: { adapter: "swiftshader" },
};

test("the page shows the numbers, the epochs, the pictures, the command, the environment and the config", () => {
  const html = reportHtml(report);
  for (const text of ["vae on mnist", "784-400-20-400-784", "652,824", "npx reparam train --preset vae"]) {
    expect(html).toContain(text);
  }
  expect(html).toContain("<dt>Best test loss</dt><dd>105.50<small>epoch 1</small>");
  expect(html).toContain("<dt>Time</dt><dd>1 h 1 min<small>3 epochs</small>");
  expect(html).toContain("<dt>Speed</dt><dd>14.1<small>");
  expect(html).toMatch(/<tr class="best"><th scope="row">1<\/th>.*105\.50/);
  expect(html).toMatch(/<th scope="row">3<\/th>.*NaN.*–/); // NaN in training, and no test
  expect(html).toContain(`src="data:image/png;base64,${Buffer.from(png).toString("base64")}" width="690" height="690"`);
  expect(html).toContain("&quot;latent&quot;: 20");
  expect(html).toContain("&quot;adapter&quot;: &quot;swiftshader&quot;");
  expect(html).not.toMatch(/class="badge/);
});

test("an interrupted run says so, and a run without an epoch has a page too", () => {
  const html = reportHtml({ ...report, status: "interrupted", epochs: [], pictures: [] });
  expect(html).toContain('<span class="badge interrupted">interrupted</span>');
  expect(html).toContain("No epoch was completed.");
  expect(html).not.toMatch(/undefined|NaN|Infinity/);
});

test("everything that comes from outside is escaped", () => {
  const evil = `<script>alert("x")</script>&'`;
  const html = reportHtml({
    ...report,
    title: evil,
    subtitle: evil,
    command: evil,
    epochs: [{ epoch: 1, train: { [evil]: 1 }, test: { [evil]: 2 }, seconds: 1, stepsPerSecond: 1 }],
    pictures: [{ name: evil, caption: evil, png }],
    config: { [evil]: evil },
    environment: { [evil]: evil },
  });
  expect(html).not.toContain("<script");
  expect(html).not.toContain(`"x"`);
  expect(html.match(/&lt;script&gt;/g)!.length).toBeGreaterThanOrEqual(13);
});

test("the page loads nothing and runs nothing", () => {
  const html = reportHtml(report);
  expect(html).not.toMatch(/<script|<link|@import|url\(|https?:|\son\w+=/);
  expect(html.match(/src="(?!data:image\/png;base64,)/g)).toBeNull();
});
