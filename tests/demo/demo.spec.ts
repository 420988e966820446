import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import type { Browser } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { candidatesHere } from "../../src/host/browser.ts";
import { openBrowser, openPage } from "../support/browser.ts";

// The demo as a visitor meets it: press Train, watch the loss, stop.

let browser: Browser;
let server: ViteDevServer;

test.beforeAll(async () => {
  test.skip(candidatesHere().length === 0, "no Chromium is installed: set CHROME_PATH, or see `reparam doctor`");
  server = await createServer({
    configFile: fileURLToPath(new URL("../../demo/vite.config.mjs", import.meta.url)),
    logLevel: "error",
    server: { port: 0, host: "127.0.0.1" },
  });
  await server.listen();
  browser = await openBrowser();
});

test.afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test("the demo trains in the page, shows what it learns, and stops when asked", async () => {
  const problems: string[] = [];
  const page = await openPage(browser, { viewport: { width: 1200, height: 1100 } });
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(server.resolvedUrls!.local[0]);
  const status = page.locator("#status");
  await expect(status).toContainText("Ready on");
  await page.selectOption("[name=hidden]", "128");
  await page.click("#toggle");
  // An untrained model says 1/2 everywhere, which costs 784 ln 2 = 543 nats.
  const loss = async () => Number((await status.textContent())!.match(/^Step \d+, loss ([\d.]+)/)?.[1] ?? Infinity);
  await expect.poll(loss).toBeLessThan(400);
  // The pictures are drawn now and then, and do not stay blank: samples get dark and light pixels.
  const contrast = () =>
    page.evaluate(() => {
      const canvas = document.getElementById("samples") as HTMLCanvasElement;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      const greys = data.filter((_, k) => k % 4 === 0);
      return Math.max(...greys.slice(0, 50_000)) - Math.min(...greys.slice(0, 50_000));
    });
  await expect.poll(contrast).toBeGreaterThan(80);
  await page.click("#toggle");
  await expect(page.locator("#toggle")).toHaveText("Train");
  expect(problems).toEqual([]);
});
