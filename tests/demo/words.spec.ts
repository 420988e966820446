import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { spaced, withArticle } from "../../demo/drawing/words.ts";
import { NO_BROWSER, test, withoutBrowser } from "./playground.ts";

// What the page says, and that it has room for it: with the model that comes with it, and no GPU.

test("names of options and terms are words, abbreviations in capitals; digits have their article", () => {
  expect(["mmdWeight", "dimensionWiseKlWeight", "freeBits", "latent"].map(spaced)).toEqual([
    "MMD weight",
    "Dimension wise KL weight",
    "Free bits",
    "Latent",
  ]);
  expect(["3", "8", "11", "80", "1", "Ankle boot", "lying"].map(withArticle)).toEqual([
    "a 3",
    "an 8",
    "an 11",
    "an 80",
    "a 1",
    "an Ankle boot",
    "a lying",
  ]);
});

test.describe("in the page", () => {
  test.skip(withoutBrowser, NO_BROWSER);
  test.describe.configure({ mode: "serial" });
  let page: Page;
  test.beforeAll(async ({ playgroundWithoutGpu }) => {
    page = await playgroundWithoutGpu.open();
    await page.goto(playgroundWithoutGpu.address);
    await expect(page.locator("#map-middles")).toContainText("0 at");
  });
  test.afterAll(async () => {
    await page?.close();
  });

  test("what a drawing looks like is a guess in words, and each digit may be asked for", async ({
    playgroundWithoutGpu,
  }) => {
    const pad = (await page.getByRole("img", { name: "Draw here" }).boundingBox())!;
    await page.mouse.move(pad.x + 60, pad.y + 20);
    await page.mouse.down();
    await page.mouse.move(pad.x + 60, pad.y + 100, { steps: 8 });
    await page.mouse.up();
    const heading = page.getByRole("heading", { name: /^Make it more like looks like an? \d$/ });
    await expect(heading).toBeVisible();
    const like = page.getByRole("group", { name: "Make it more like" });
    await expect(like.locator("button:disabled")).toHaveCount(0);
    // The guessed one, too: towards the middle of its class.
    const guess = (await heading.textContent())!.at(-1)!;
    await like.getByRole("button", { name: guess }).click();
    await expect(page.getByRole("heading", { name: "A place on the map" })).toBeVisible();

    // A held-out picture is what its label says.
    await page.getByRole("button", { name: "Random" }).click();
    await expect(page.getByRole("heading", { name: "Make it more like", exact: true })).toBeVisible();
    await expect(like.locator("button:disabled")).toHaveCount(1);
    expect(playgroundWithoutGpu.problems).toEqual([]);
  });
});
