import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { type Browser, chromium } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { candidatesHere } from "../../src/host/browser.ts";
import { flagSets } from "../../src/host/flags.ts";
import { thisMachine } from "../../src/host/machine.ts";

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
  browser = await chromium.launch({
    executablePath: candidatesHere()[0].path,
    args: [...flagSets(thisMachine, false).at(-1)!.flags],
    chromiumSandbox: !thisMachine.isRoot,
  });
});

test.afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test("the demo trains in the page, shows what it learns, and stops when asked", async () => {
  const problems: string[] = [];
  const page = await browser.newPage({ viewport: { width: 1200, height: 1100 } });
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(server.resolvedUrls!.local[0]);
  const status = page.locator("#status");
  await expect(status).toContainText("Ready on", { timeout: 20_000 });
  await page.selectOption("[name=hidden]", "128");
  await page.click("#toggle");
  await expect(status).toHaveText(/^Step \d{2,}, loss \d+/, { timeout: 30_000 });
  const first = Number((await status.textContent())!.match(/loss ([\d.]+)/)![1]);
  await expect
    .poll(async () => Number((await status.textContent())!.match(/Step (\d+)/)?.[1] ?? 0), { timeout: 30_000 })
    .toBeGreaterThan(60);
  const later = Number((await status.textContent())!.match(/loss ([\d.]+)/)![1]);
  expect(later).toBeLessThan(first);
  // The pictures are not blank: samples have dark and light pixels.
  const range = await page.evaluate(() => {
    const canvas = document.getElementById("samples") as HTMLCanvasElement;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    const greys = data.filter((_, k) => k % 4 === 0);
    return [Math.min(...greys.slice(0, 50_000)), Math.max(...greys.slice(0, 50_000))];
  });
  expect(range[0]).toBeLessThan(20);
  expect(range[1]).toBeGreaterThan(100);
  await page.click("#toggle");
  await expect(page.locator("#toggle")).toHaveText("Train", { timeout: 20_000 });
  expect(problems).toEqual([]);
});
