import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { test } from "../demo/playground.ts";
import { long, onlyLong } from "../support/long.ts";

// The pictures of the playground in the docs, made anew by --update-snapshots=all: on a laptop, in the dark, on a phone; and of
// its other places on a laptop.
const laptop = { viewport: { width: 1280, height: 800 } } as const;
const views = {
  playground: laptop,
  "playground-dark": { ...laptop, colorScheme: "dark" },
  "playground-phone": { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
} as const;

/** Takes a picture, and keeps it where that was asked for. */
async function picture(page: Page, name: string): Promise<void> {
  const update = test.info().config.updateSnapshots === "all";
  const path = update ? fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url)) : undefined;
  expect((await page.screenshot({ path })).length).toBeGreaterThan(20_000);
}

for (const [name, options] of Object.entries(views)) {
  test(`${name}: the page with what one holds`, async ({ playground }) => {
    test.skip(!long, onlyLong);
    const page = await playground.open(options);
    await page.goto(`${playground.address}#v=1&learningRate=0.003&epochs=12&pictures=8000`);
    const status = page.getByRole("status").first();
    await expect(status).toContainText("Ready");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await expect(status).toContainText("Done");
    // A held-out picture, wherever its dot lies: a place between dots has no cloud to draw from.
    await page.keyboard.press("]");
    await page.locator(":focus").blur();
    await expect(page.getByText("Six draws from its cloud")).toBeVisible();
    await picture(page, name);
    if (name === "playground") await otherPlaces(page);
    expect(playground.problems).toEqual([]);
    await page.close();
  });
}

/** The share dialog, and the places beside Play, of two runs. */
async function otherPlaces(page: Page): Promise<void> {
  const status = page.getByRole("status").first();
  await page.keyboard.press("s");
  await expect(page.locator(".sharing strong")).toHaveText(/^[0-9a-f]{4} [0-9a-f]{4}$/);
  await picture(page, "playground-share");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "try 10 numbers" }).click();
  await page.getByRole("button", { name: "Start again" }).click();
  await expect(status).toContainText("Done");
  await expect(page.getByText("A flat view of 10 numbers")).toBeVisible();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await expect(page.getByRole("row", { name: /^KL/ })).toBeVisible();
  // The map of the last step comes when the run has ended.
  await expect(page.locator(".maps figure:last-child figcaption")).toContainText("step 756");
  await picture(page, "playground-compare");
  await page.getByRole("button", { name: "How it works", exact: true }).click();
  await expect(page.locator("pre").first()).toContainText("latent: 10");
  await expect(page.getByText("launches, made before training")).toBeVisible();
  await picture(page, "playground-how");
}
