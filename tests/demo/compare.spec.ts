import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { long, onlyLong } from "../support/long.ts";
import { contrast, NO_BROWSER, test, withoutBrowser } from "./playground.ts";

// One run after the other: what becomes of those that were there, and how two of them are compared.

const TABLE = ["a,b,c", ...Array.from({ length: 40 }, (_, k) => `${k},${(k * 7) % 11},${-k}`)].join("\n");

let page: Page;

/** What the browser keeps of the run, which a page tells nobody; nothing while it is written. */
const kept = (): Promise<string> =>
  page.evaluate(async () => {
    try {
      const folder = await navigator.storage.getDirectory();
      const note = await (await folder.getFileHandle("session.json")).getFile();
      const { settings, step } = JSON.parse(await note.text());
      return `${settings.data}, step ${step}`;
    } catch {
      return "";
    }
  });

test.skip(withoutBrowser, NO_BROWSER);
test.describe.configure({ mode: "serial" });
test.beforeAll(async ({ playground }) => {
  page = await playground.open();
});
test.afterAll(async () => {
  await page?.close();
});

test("another family is trained at once where one trains; while other settings wait, the run that is there can be paused", async ({
  playground,
}) => {
  await page.goto(`${playground.address}#v=1&epochs=3000&hidden=%5B%5D&pictures=500&play=1`);
  const status = page.getByRole("status").first();
  await expect(status).toContainText("Training");

  // What waits for another start leaves the run as it is.
  await page.getByRole("button", { name: "More: Numbers in the code" }).click();
  await expect(page.getByText("Still the run of before your changes, until you start again.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start again" })).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(status).toContainText("Paused at step");

  await page.getByRole("button", { name: /^Variational one of \d+ families$/ }).click();
  await page.getByRole("searchbox", { name: "Find a family" }).fill("plain");
  await page.getByRole("option", { name: "Plain", exact: true }).click();
  await expect(page.getByText("Starts a new run. The present one stays in Compare.")).toBeVisible();
  await page.getByRole("button", { name: "Use this family" }).click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await expect(status).toContainText("Training");
  await expect(page.getByText("Still the")).toHaveCount(0);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(status).toContainText("Paused at step");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.locator(".sentence")).toContainText("the family is Variational in A and Plain in B");

  // The browser's Back returns to where one was in the page, and the run is still there.
  await page.goBack();
  await expect(page.getByRole("application", { name: "Map of codes" })).toBeVisible();
  await expect(status).toContainText("Paused at step");
  await page.goForward();
  await expect(page.locator(".sentence")).toBeVisible();

  // A link is of the run that is shown, and changes for the next start are taken back.
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.getByRole("button", { name: "More: Numbers in the code" }).click();
  await page.keyboard.press("s");
  await expect(page.getByRole("textbox", { name: "Link" })).toHaveValue(/latent=3/);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Undo the changes" }).click();
  await expect(page.getByRole("textbox", { name: "Numbers in the code" })).toHaveValue("3");
  await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
  expect(playground.problems).toEqual([]);
});

test("runs on different data are compared each with its own examples, and both are there after a reload", async ({
  playground,
}) => {
  test.skip(!long, onlyLong);
  const input = page.getByLabel("Files to learn from");
  await input.setInputFiles({ name: "table.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
  const status = page.getByRole("status").first();
  await expect(page.getByText("3 numbers each")).toBeVisible();
  await expect(status).toContainText("Training");
  const rate = page.getByRole("slider", { name: "Learning rate" });
  await rate.press("ArrowLeft");
  const set = await rate.inputValue();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(status).toContainText("Paused at step");
  const stepNow = async () => (await status.textContent())!.match(/step \d+/)![0];

  await page.getByRole("button", { name: "Compare" }).click();
  const sentence = page.locator(".sentence");
  await expect(sentence).toContainText("the data is digits in A and table.csv in B");
  await expect(page.getByText("a loss of one says nothing about the other")).toBeVisible();
  const wide = (name: string) => page.getByRole("img", { name }).evaluate((canvas: HTMLCanvasElement) => canvas.width);
  await expect.poll(() => wide("Redrawn by A")).toBe(10 * 28);
  await expect.poll(() => contrast(page, "canvas[aria-label='Redrawn by A']")).toBeGreaterThan(10);
  expect(await wide("Redrawn by B")).toBe(4 * 56);
  await expect(page.getByRole("img", { name: /^Curves of [AB]$/ })).toHaveCount(2);

  // Of three runs the first is chosen as A.
  await page.getByRole("combobox", { name: "The run on the left" }).selectOption({ index: 1 });
  await expect(sentence).toContainText("the family is Variational in A and Plain in B");

  // Steps that are under way when one pauses are still made: the last of them is kept.
  await expect.poll(async () => (await kept()) === `table.csv, ${await stepNow()}`).toBe(true);
  const step = await stepNow();
  await page.reload();
  // To the place where one was, and to the step and what was set last.
  await expect(status).toContainText(`Welcome back, ${step}`);
  await expect(sentence).toContainText("the data is digits in A and table.csv in B");
  // Those of before the reload; and the model that came with the page, where it was seen before the first run began.
  const options = page.getByRole("combobox", { name: "The run on the left" }).getByRole("option");
  await expect(options.filter({ hasText: /^Plain, / })).toHaveCount(1);
  await expect(options.filter({ hasText: /^Variational, (?!came)/ })).toHaveCount(1);
  await expect.poll(() => contrast(page, "canvas[aria-label='Redrawn by A']")).toBeGreaterThan(10);
  await page.getByRole("slider", { name: "Time" }).focus();
  await page.keyboard.press("Home");
  // A run that made steps before its first map has none at the start.
  await expect(page.locator(".maps figure:last-child figcaption")).toContainText(/step 0|no map yet/);
  await page.getByRole("button", { name: "Add a run" }).click();
  await expect(rate).toHaveValue(set);
  await expect(page.getByText("Change a setting and press Start again")).toBeVisible();

  // Other data take the place of these: of those before, what Compare shows is kept with the run.
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await input.setInputFiles({ name: "other.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
  await expect(status).toContainText("Training");
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(status).toContainText("Paused at step");
  await expect.poll(kept).toMatch(/^other\.csv/);
  await page.reload();
  await expect(status).toHaveText(/^Welcome back/);
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(sentence).toContainText("the data is table.csv in A and other.csv in B");
  await expect.poll(() => wide("Redrawn by A")).toBe(4 * 56);
  for (const name of ["Held out", "Redrawn by A"]) {
    await expect
      .poll(() => contrast(page, `.maps figure:first-child canvas[aria-label='${name}']`))
      .toBeGreaterThan(10);
  }
  expect(playground.problems).toEqual([]);
});
