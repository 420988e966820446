import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import type { Browser, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { candidatesHere } from "../../src/host/browser.ts";
import { openBrowser, openPage } from "../support/browser.ts";

// The playground as a visitor meets it: train, point, draw, walk, pause, share, reload.

let browser: Browser;
let server: ViteDevServer;
let page: Page;
const problems: string[] = [];
const small = "#v=1&learningRate=0.01&epochs=8&pictures=2000&hidden=%5B64%5D";

test.beforeAll(async () => {
  test.skip(candidatesHere().length === 0, "no Chromium is installed: set CHROME_PATH, or see `reparam doctor`");
  server = await createServer({
    configFile: fileURLToPath(new URL("../../demo/vite.config.mjs", import.meta.url)),
    logLevel: "error",
    server: { port: 0, host: "127.0.0.1" },
  });
  await server.listen();
  browser = await openBrowser();
  page = await openPage(browser, { viewport: { width: 1280, height: 800 } });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
});

test.afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** How far the darkest and the lightest pixel of a canvas are apart, 0..255. */
const contrast = (selector: string) =>
  page.evaluate((which) => {
    const canvas = document.querySelector<HTMLCanvasElement>(which)!;
    if (canvas.width === 0 || canvas.height === 0) return 0;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    let [low, high] = [255, 0];
    for (let k = 0; k < data.length; k += 4) {
      if (data[k + 3] === 0) continue;
      low = Math.min(low, data[k]);
      high = Math.max(high, data[k]);
    }
    return high - low;
  }, selector);

test("a visitor trains, points, draws, walks, pauses and shares", async () => {
  await page.goto(server.resolvedUrls!.local[0] + small);
  const status = page.getByRole("status").first();
  await expect(status).toContainText("Ready");
  expect(new URL(page.url()).hash).toBe(small); // the link says what is set

  await page.getByRole("button", { name: "Train", exact: true }).click();
  await expect(status).toContainText("Training");
  await expect.poll(() => contrast(".ground canvas")).toBeGreaterThan(100);
  await expect.poll(() => contrast(".chart")).toBeGreaterThan(50);

  // Pointing decodes; pressing keeps.
  const map = page.getByRole("application", { name: "Map of codes" });
  await map.hover({ position: { x: 300, y: 300 } });
  await expect.poll(() => contrast(".loupe canvas")).toBeGreaterThan(30);
  await map.click({ position: { x: 300, y: 300 } });
  await expect.poll(() => contrast("canvas.large")).toBeGreaterThan(30);

  // Drawing is placed and redrawn.
  const pad = (await page.getByRole("img", { name: "Draw here" }).boundingBox())!;
  await page.mouse.move(pad.x + 40, pad.y + 20);
  await page.mouse.down();
  await page.mouse.move(pad.x + 60, pad.y + 100, { steps: 8 });
  await page.mouse.up();
  await expect(page.getByRole("heading", { name: "Your drawing" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Nearest in pixels" })).toBeVisible();
  await expect(page.locator(".row").first().getByRole("button")).toHaveCount(6);

  // A walk from there to a held-out picture.
  await page.getByRole("button", { name: "walk from here" }).click();
  await page.getByRole("button", { name: "Random" }).click();
  await expect(page.getByRole("heading", { name: /^Held-out \d/ })).toBeVisible();
  await page.getByRole("button", { name: "to here" }).click();
  await expect(page.locator(".strip button")).toHaveCount(11);

  await expect(status).toContainText("Done");
  await expect(page.getByRole("button", { name: "Train 8 more" })).toBeVisible();

  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.getByRole("textbox", { name: "Link" })).toHaveValue(new RegExp(`${small}$`));
  await expect(page.locator(".sharing strong")).toHaveText(/^[0-9a-f]{4} [0-9a-f]{4}$/);
  await page.getByRole("button", { name: "Close" }).click();
  expect(problems).toEqual([]);
});

test("what is set changes the link; what needs another model is trained anew, and both are compared", async () => {
  await page.getByRole("button", { name: "More: Numbers in the code" }).click();
  expect(new URL(page.url()).hash).toContain("latent=3");
  await page.getByRole("button", { name: "Start again" }).click();
  await expect(page.getByRole("status").first()).toContainText("Done");
  await expect(page.getByText("A flat view of 3 numbers")).toBeVisible();
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByText("B differs from A: latent 3, not 2. All else is equal.")).toBeVisible();
  await expect(page.getByRole("row", { name: /^kl/ })).toBeVisible();
  await page.getByRole("button", { name: "How it works" }).click();
  await expect(page.locator("pre")).toContainText("latent: 3");
  expect(problems).toEqual([]);
});

test("a reload loses nothing: the run is offered again, and goes on from where it was", async () => {
  await page.reload();
  await expect(page.getByText(/kept a run at step \d+/)).toBeVisible();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("status").first()).toContainText("Done");
  expect(problems).toEqual([]);
});

test("another family shows what it can: a GAN has no map, and draws from noise", async () => {
  await page.goto("about:blank");
  await page.goto(`${server.resolvedUrls!.local[0]}#v=1&family=gan&widths=%5B16%5D&pictures=1000&epochs=1&play=1`);
  await expect(page.getByRole("status").first()).toContainText("Done");
  await expect.poll(() => contrast("canvas.samples")).toBeGreaterThan(10);
  await expect(page.getByRole("application", { name: "Map of codes" })).toBeHidden();
  expect(problems).toEqual([]);
});

test("a phone has the same under the thumb", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("about:blank");
  await page.goto(server.resolvedUrls!.local[0] + small);
  await expect(page.getByRole("button", { name: "Train", exact: true }).last()).toBeVisible();
  await page.getByRole("button", { name: "Model" }).click();
  await expect(page.getByText("Numbers in the code")).toBeVisible();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
  expect(problems).toEqual([]);
});
