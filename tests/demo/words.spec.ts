import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { termWords, withoutPulls } from "../../demo/drawing/curves.ts";
import { spaced, withArticle } from "../../demo/drawing/words.ts";
import { long, onlyLong } from "../support/long.ts";
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

test("terms are words", () => {
  expect(["reconstruction", "kl", "deadUnits", "dimensionWiseKl", "discriminator.loss"].map(termWords)).toEqual([
    "redraw",
    "KL",
    "dead units",
    "dimension wise KL",
    "discriminator loss",
  ]);
});

test("a slider that was pulled is one mark, of the value it was pulled to; what was set elsewhere is its own", () => {
  const pulled = Array.from({ length: 40 }, (_, k) => ({ step: 100 + k, name: "klWeight", words: `β ${k}` }));
  const rate = { step: 120, name: "learningRate", words: "rate 0.003" };
  const later = { step: 400, name: "klWeight", words: "β 1" };
  const marks = [...pulled.slice(0, 20), rate, ...pulled.slice(20), later];
  const kept = (pixels: number) => withoutPulls(marks, (step) => pixels * step).map(({ words }) => words);
  expect(kept(0.3)).toEqual(["rate 0.003", "β 39", "β 1"]);
  expect(kept(0.05)).toEqual(["rate 0.003", "β 1"]);
  expect(kept(100)).toEqual(marks.map(({ words }) => words));
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

  test("the three actions stand side by side, whatever the first one says", async () => {
    const row = page.locator(".left .actions");
    const placesOf = (words: string) =>
      row.evaluate((actions, text) => {
        const first = actions.querySelector("button")!;
        const label = [...first.childNodes].find(({ nodeType }) => nodeType === Node.TEXT_NODE)!;
        label.textContent = text;
        const boxes = [...actions.querySelectorAll("button")].map((button) => button.getBoundingClientRect());
        return boxes.map(({ left, right, top, bottom }) => [left, right, top, bottom]);
      }, words);
    const places = await placesOf("Go on");
    expect(places).toHaveLength(3);
    expect(places[2][1]).toBeLessThanOrEqual((await row.boundingBox())!.x + (await row.boundingBox())!.width);
    for (const words of ["Train 30 more", "Train 1000 more", "Go on training", "Starts by itself"]) {
      expect(await placesOf(words), words).toEqual(places);
    }
    await placesOf("Train");
  });

  test("the status ends beside Share, however long it is, and is not cut", async () => {
    const [status, share] = [page.getByRole("status").first(), page.locator(".header .share")];
    const told = await status.evaluate((element) => {
      const words = element.querySelector(".words strong")!;
      const before = words.textContent;
      const ends = ["Done", "Welcome back, step 123,456 on google swiftshader"].map((text) => {
        words.textContent = text;
        const cut = element.querySelector(".words")!;
        return { right: cut.getBoundingClientRect().right, cut: cut.scrollWidth > cut.clientWidth };
      });
      words.textContent = before;
      return ends;
    });
    const { x } = (await share.boundingBox())!;
    for (const { right, cut } of told) {
      expect(x - right).toBeCloseTo(12, 0);
      expect(cut).toBe(false);
    }
  });

  test("how it works begins with what a code is, and leads to the paper; a slider of hundreds has no decimals", async ({
    playgroundWithoutGpu,
  }) => {
    await page.goto("about:blank");
    await page.goto(`${playgroundWithoutGpu.address}#v=1&family=wae`);
    const weight = page.locator(".slider").filter({ hasText: "MMD weight" });
    await expect(weight.locator("output")).toHaveText("100");
    await page.getByRole("button", { name: "How it works" }).first().click();
    await expect(page.getByText("squeezes a picture into a short row of numbers, its code")).toBeVisible();
    await expect(page.getByRole("link", { name: "arxiv.org/abs/1711.01558" })).toHaveAttribute(
      "href",
      "https://arxiv.org/abs/1711.01558",
    );
    expect(playgroundWithoutGpu.problems).toEqual([]);
  });
});

test("a code of hundreds of numbers has as many bars as there is room for", async ({ playground }) => {
  test.skip(!long, onlyLong);
  test.skip(withoutBrowser, NO_BROWSER);
  const page = await playground.open();
  await page.goto(`${playground.address}#v=1&family=sparse-ae&epochs=1&pictures=200&play=1`);
  await expect(page.getByText(/^(All|\d+ of) 256 are in use/)).toBeVisible();
  const bars = page.locator(".kl .bars");
  await expect(bars.locator(".bar")).toHaveCount(40);
  expect(await bars.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  expect(playground.problems).toEqual([]);
  await page.close();
});
