import { readFileSync } from "node:fs";
import { expect, test as plain } from "@playwright/test";
import { long, onlyLong } from "../support/long.ts";
import { NO_BROWSER, test, withoutBrowser } from "./playground.ts";

// What holds of the page as a whole: colours that can be read, data that a link asks for, a lost GPU.

/** The custom properties of a block of a style sheet that are colours. */
const coloursIn = (block: string): Record<string, string> =>
  Object.fromEntries([...block.matchAll(/--(\w+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name, colour]));

const [light, dark] = readFileSync(new URL("../../demo/styles/base.css", import.meta.url), "utf8")
  .split("prefers-color-scheme: dark")
  .map(coloursIn);

/** Relative luminance (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const contrastOf = (a: string, b: string): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

for (const [name, colours] of Object.entries({ light, dark })) {
  plain(`text has a contrast of 4.5 on every ground, and edges of 3: ${name}`, () => {
    expect(contrastOf("#000000", "#ffffff")).toBeCloseTo(21, 10);
    for (const ground of ["paper", "card", "map", "well"]) {
      for (const text of ["ink", "soft", "accent", "warn", "good", "bad"]) {
        expect(contrastOf(colours[text], colours[ground]), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
      expect(contrastOf(colours.edge, colours[ground]), `edge on ${ground}`).toBeGreaterThanOrEqual(2.995); // #8a8a82 on #efeeea
    }
    expect(contrastOf(colours.card, colours.ink), "the primary button").toBeGreaterThan(7);
  });
}

test("a link that asks for other data than digits shows these from the start, and no model of digits", async ({
  playground,
}) => {
  test.skip(!long, onlyLong);
  test.skip(withoutBrowser, NO_BROWSER);
  const page = await playground.open();
  await page.goto(`${playground.address}#v=1&data=ring`);
  await expect(page.getByText("Set its numbers")).toBeVisible();
  await expect(page.getByRole("status").first()).toContainText("Ready");
  await expect(page.getByText("Press Train: the cloud of codes unfolds here.")).toBeVisible();
  await expect(page.getByRole("group", { name: "Show only a class" })).toHaveCount(0);
  expect(playground.problems).toEqual([]);
  await page.close();
});

test("the GPU process is killed, and training goes on by itself", async ({ playground }) => {
  test.skip(withoutBrowser, NO_BROWSER);
  test.skip(!long, onlyLong);
  const page = await playground.open();
  await page.goto(`${playground.address}#v=1&learningRate=0.01&epochs=40&pictures=1000&hidden=%5B32%5D&play=1`);
  const status = page.getByRole("status").first();
  await expect(status).toContainText("Training");
  const browser = await page.context().browser()!.newBrowserCDPSession();
  await browser.send("Browser.crashGpuProcess");
  await expect(page.getByText(/The graphics processor went away. Going on from step \d+\./)).toBeVisible();
  await expect(status).toContainText("Done");
  await expect(page.locator(".figures").first()).toContainText("320steps");
  expect(playground.problems).toEqual([]);
  await page.close();
});
