import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { examplesNamed } from "../../demo/lab/examples.ts";
import { shippedModel } from "../../demo/lab/shipped.ts";
import { long, onlyLong } from "../support/long.ts";
import { contrast, NO_BROWSER, pixelsOf, test, withoutBrowser } from "./playground.ts";

// The model that comes with the page: what it is, and that the page lives by it without a GPU.

test("the shipped codes are those of the held-out digits, to half precision; its file is small", async () => {
  const bytes = readFileSync(new URL("../../demo/shipped/vae-2d.safetensors", import.meta.url));
  expect(bytes.length).toBeLessThan(400_000);
  const { model, settings, codes, epoch } = shippedModel(new Uint8Array(bytes));
  const { x, count } = examplesNamed(settings.data);
  expect(codes.length).toBe(2 * count);
  const found = await model.encode(x.subarray(0, long ? undefined : 200 * 28 * 28));
  const far = found.reduce((most, value, k) => Math.max(most, Math.abs(value - codes[k])), 0);
  expect(far).toBeLessThan(0.05); // of codes that reach to 3 and farther
  expect(epoch.terms.loss).toBeLessThan(145);
});

let page: Page;

test.describe("without a GPU", () => {
  test.skip(withoutBrowser, NO_BROWSER);
  test.beforeAll(async ({ playgroundWithoutGpu }) => {
    page = await playgroundWithoutGpu.open();
  });
  test.afterAll(async () => {
    await page?.close();
  });

  test("one explores: an unseen hand walks the map until somebody does, and nothing trains", async ({
    playgroundWithoutGpu,
  }) => {
    await page.goto(playgroundWithoutGpu.address);
    await expect(page.getByRole("status").first()).toContainText("Explore only");
    await expect(page.getByText("Point anywhere.")).toBeVisible();
    await expect.poll(() => contrast(page, ".ground canvas")).toBeGreaterThan(100);
    const first = await pixelsOf(page, ".loupe canvas");
    await expect.poll(() => pixelsOf(page, ".loupe canvas")).not.toBe(first);

    const map = page.getByRole("application", { name: "Map of codes" });
    await map.hover({ position: { x: 300, y: 300 } });
    await expect(page.getByText("Point anywhere.")).toHaveCount(0);
    await expect.poll(() => contrast(page, ".loupe canvas")).toBeGreaterThan(30);
    await map.click({ position: { x: 300, y: 300 } });
    await expect.poll(() => contrast(page, "canvas.large")).toBeGreaterThan(30);
    await expect(page.getByRole("button", { name: "Train", exact: true }).first()).toBeDisabled();
    expect(playgroundWithoutGpu.problems).toEqual([]);
  });

  test("one draws and walks there, too", async ({ playgroundWithoutGpu }) => {
    test.skip(!long, onlyLong);
    await page.getByRole("button", { name: "walk from here" }).click();

    const pad = (await page.getByRole("img", { name: "Draw here" }).boundingBox())!;
    await page.mouse.move(pad.x + 60, pad.y + 20);
    await page.mouse.down();
    await page.mouse.move(pad.x + 60, pad.y + 100, { steps: 8 });
    await page.mouse.up();
    await expect(page.getByRole("img", { name: "Draw 6" })).toBeVisible();
    await page.getByRole("button", { name: "to here" }).click();
    await expect(page.locator(".strip button")).toHaveCount(11);
    await expect(page.getByRole("img", { name: /^KL by dimension/ })).toBeVisible();

    // A stroke straight down is a 1; a quarter of the way to 0, and it is drawn anew.
    const one = await pixelsOf(page, "canvas.large");
    await page.getByRole("group", { name: "Make it more like" }).getByRole("button", { name: "0" }).click();
    await expect.poll(() => pixelsOf(page, "canvas.large")).not.toBe(one);
    expect(playgroundWithoutGpu.problems).toEqual([]);
  });
});
