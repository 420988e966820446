import { expect, test } from "@playwright/test";
import { pixels } from "../../src/data/dataset.ts";
import { drawExamples } from "../../src/report/drawers/samples.ts";
import { type Report, reportHtml } from "../../src/report/html.ts";

const png = drawExamples(new Float32Array(64 * 28 * 28), pixels([28, 28, 1]));

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
  units: { loss: "nats", reconstruction: "nats", kl: "nats" },
  remarks: ["Epoch 1 was the best."],
  best: { epoch: 1 },
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
  expect(html).toContain("<dt>Best epoch</dt><dd>1<small>test loss 105.50</small>");
  expect(html).toContain("<p>Epoch 1 was the best.</p>");
  expect(html).toContain("<caption>In nats an example.</caption>");
  expect(html).toContain("<dt>Time</dt><dd>1 h 1 min<small>3 epochs</small>");
  expect(html).toContain("<dt>Speed</dt><dd>14.1<small>");
  expect(html).toMatch(/<tr class="best"><th scope="row">1<\/th>.*105\.50/);
  expect(html).toMatch(/<th scope="row">3<\/th>.*NaN.*–/); // NaN in training, and no test
  expect(html).toContain(`src="data:image/png;base64,${Buffer.from(png).toString("base64")}" width="690" height="690"`);
  expect(html).toContain("&quot;latent&quot;: 20");
  expect(html).toContain("&quot;adapter&quot;: &quot;swiftshader&quot;");
  expect(html).not.toMatch(/class="badge/);
});

test("terms of several objectives and units stand under their names, and losses of the last epoch on top", () => {
  const terms = { "discriminator.loss": 1.25, "discriminator.real": 0.5, "generator.loss": 0.75 };
  const html = reportHtml({
    ...report,
    best: undefined,
    remarks: [],
    units: { "discriminator.loss": "nats", "discriminator.real": "", "generator.loss": "nats" },
    epochs: [{ epoch: 1, train: terms, test: terms, seconds: 1, stepsPerSecond: 10 }],
  });
  expect(html).toContain("<dt>Test discriminator loss</dt><dd>1.2500<small>nats an example</small>");
  expect(html).toContain("<dt>Test generator loss</dt><dd>0.75000<small>nats an example</small>");
  expect(html).toContain("discriminator.loss, generator.loss in nats an example; discriminator.real plain numbers.");
  expect(html).not.toContain("Best");
});

test("of a model without test terms, the losses of the training stand on top", () => {
  const epochs = [{ epoch: 1, train: { loss: 1.25 }, test: {}, seconds: 1, stepsPerSecond: 10 }];
  const html = reportHtml({ ...report, best: undefined, remarks: [], epochs });
  expect(html).toContain("<dt>Train loss</dt><dd>1.2500<small>nats an example</small>");
  expect(html).not.toContain("Test loss");
});

test("schedules are columns where they change, and each stage has a table of its own", () => {
  const epoch = (epoch: number, stage: string, rate: number) => ({
    epoch,
    stage,
    train: { [stage]: 1 },
    test: { [stage]: 2 },
    schedules: { learningRate: rate, temperature: 1 },
    seconds: 1,
    stepsPerSecond: 10,
  });
  const html = reportHtml({
    ...report,
    epochs: [epoch(1, "layer 1", 0.1), epoch(2, "layer 1", 0.05), epoch(3, "head", 0.1)],
  });
  expect(html.match(/<table>/g)).toHaveLength(2);
  expect(html).toContain("<h3>layer 1</h3>");
  expect(html).toContain("<h3>head</h3>");
  expect(html.match(/>learningRate</g)).toHaveLength(1); // it stands still in the second stage
  expect(html).not.toContain("temperature");
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
    remarks: [evil],
    units: { [evil]: evil },
    epochs: [{ epoch: 1, stage: evil, train: { [evil]: 1 }, test: { [evil]: 2 }, seconds: 1, stepsPerSecond: 1 }],
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
