import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { candidatesHere } from "../../src/host/browser.ts";
import { openBrowser, openPage } from "../support/browser.ts";
import { long, onlyLong } from "../support/long.ts";
import { type Served, serveFolder } from "../support/serve-folder.ts";
import type {} from "./page/main.ts"; // declares what the page offers
import type { Trained } from "./page/ten-lines.ts";

// The library as a web app has it: bundled by Vite without a plugin, on the page's own thread and in a worker.

let folder: string;
let site: Served;
let browser: Browser;
let page: Page;
const problems: string[] = [];

test.beforeAll(async () => {
  test.skip(candidatesHere().length === 0, "no Chromium is installed: set CHROME_PATH, or see `reparam doctor`");
  folder = mkdtempSync(join(tmpdir(), "reparam-test-page-"));
  await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL("./page/", import.meta.url)),
    build: { outDir: folder, target: "esnext" },
    worker: { format: "es" },
  });
  site = await serveFolder(folder);
  browser = await openBrowser();
  page = await openPage(browser);
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(`${site.origin}/`);
});

test.afterAll(async () => {
  await browser?.close();
  site?.close();
  if (folder) rmSync(folder, { recursive: true });
});

function expectTrained({ losses, images }: Trained) {
  expect(losses.length).toBe(3);
  expect(losses[2]).toBeLessThan(losses[0]);
  expect(losses[0]).toBeLessThan(784 * Math.LN2); // better than grey
  expect(images.length).toBe(5 * 784);
  expect(images.every((value) => value >= 0 && value <= 1)).toBe(true);
}

test("ten lines train a VAE and sample from it on a page's main thread, and in a worker to the same bits", async () => {
  // The packed library does in a page that Vite bundles: tests/package/examples.spec.ts.
  test.skip(!long, onlyLong);
  const onPage = await page.evaluate(() => globalThis.trainHere());
  expectTrained(onPage);
  expect(await page.evaluate(() => globalThis.trainInWorker())).toEqual(onPage);
  expect(await page.evaluate(() => globalThis.trainByTrainer())).toEqual(onPage);
  expect(problems).toEqual([]);
});

test("ten lines train in a Chromium that offers none of the optional features, with nearly the same losses", async () => {
  test.skip(!long, onlyLong);
  const plain = await openPage(browser);
  await plain.addInitScript(() => {
    Object.defineProperty(GPUAdapter.prototype, "features", { get: () => new Set() });
  });
  await plain.goto(`${site.origin}/`);
  const trained = await plain.evaluate(() => globalThis.trainHere());
  expectTrained(trained);
  const usual = await page.evaluate(() => globalThis.trainHere());
  trained.losses.forEach((loss, k) => {
    expect(loss).toBeCloseTo(usual.losses[k], 0);
  });
  await plain.close();
});

test("a page tunes a model once: IndexedDB keeps the choices, and a run is computed by them", async () => {
  const { measured, wrong, choices, loss } = await page.evaluate(() => globalThis.tuneHere());
  expect(measured[0]).toBeGreaterThan(3);
  expect(measured[1]).toBe(0);
  expect(wrong).toBe(0);
  expect(choices).toBe(measured[0]);
  expect(Number.isFinite(loss)).toBe(true);
  expect(problems).toEqual([]);
});

const MODELS = long ? 50 : 2;

test(`${MODELS} models in turn leave no buffer and no byte behind in a page`, async () => {
  const held = await page.evaluate((count) => globalThis.modelsHere(count), MODELS);
  expect(held).toEqual(Array.from({ length: MODELS }, () => ({ buffers: 0, bytes: 0 })));
  expect(problems).toEqual([]);
});

test("a page reads a person's files: a PNG to the browser's own pixels, a JPEG nearly so, a table and its own pictures exactly", async () => {
  const { drawn, png, jpeg, table, pictures, stretched } = await page.evaluate(() => globalThis.readHere());
  expect(png).toEqual(drawn);
  const errors = jpeg.ours.map((value, i) => Math.abs(value - jpeg.browser[i]));
  // The browser smooths colours between samples, and rounds otherwise.
  expect(errors.length).toBe(drawn.length);
  expect(Math.max(...errors)).toBeLessThan(12);
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(2);
  expect(table.fields).toMatchObject({ x: { names: ["a", "b"] }, label: { names: ["x", "y"] } });
  expect(table.values.toSorted()).toEqual([1, 2, 3, 4]);
  expect(Object.keys(pictures)).toEqual(["ImageData", "ImageBitmap", "image", "OffscreenCanvas", "canvas"]);
  for (const [kind, values] of Object.entries(pictures)) expect(values, kind).toEqual(drawn);
  expect(stretched).toEqual(Array.from({ length: 8 }, () => [10, 20, 30]).flat());
  expect(problems).toEqual([]);
});

test("what a page keeps in the browser is there when it asks for it, until it is forgotten", async () => {
  expect(await page.evaluate(() => globalThis.keepHere())).toEqual([undefined, [4, 5], undefined]);
});
