import { expect } from "@playwright/test";
import type { Browser, Page } from "playwright-core";
import { openBrowser, openPage } from "../support/browser.ts";
import { long, onlyLong } from "../support/long.ts";
import { middlesOf, NO_BROWSER, test, withoutBrowser } from "./playground.ts";

// The map's dots as the worker draws them by WebGPU from the run's own buffers, held to those that the page draws itself.

/** Chromium's own software Vulkan for pages' drawings, too: without that a canvas that is drawn by WebGPU takes the device away. */
const FLAGS = [
  "--enable-unsafe-webgpu",
  "--enable-unsafe-swiftshader",
  "--use-webgpu-adapter=swiftshader",
  "--use-vulkan=swiftshader",
  "--use-angle=vulkan",
  "--enable-features=Vulkan,SkipListAccountsWithoutGaiaCookies",
  "--ignore-gpu-blocklist",
  "--disable-vulkan-surface",
];

/** Where the dots of a class lie on a canvas: the mean of the pixels in its colour, from the middle of the map, and how many they are. */
interface Cloud {
  readonly x: number;
  readonly y: number;
  readonly pixels: number;
}

/** The clouds of all classes on a canvas. */
const cloudsOn = (page: Page, selector: string): Promise<Cloud[]> =>
  page.evaluate((which) => {
    const canvas = document.querySelector<HTMLCanvasElement>(which)!;
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d")!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    return [...document.querySelectorAll<HTMLElement>(".classes button")].map(({ style }) => {
      const colour = style.borderColor.match(/\d+/g)!.map(Number);
      let [x, y, pixels] = [0, 0, 0];
      for (let k = 0; k < width * height; k++) {
        if (data[4 * k + 3] < 250 || colour.some((part, c) => Math.abs(part - data[4 * k + c]) > 16)) continue;
        x += (k % width) - width / 2;
        y += Math.floor(k / width) - height / 2;
        pixels++;
      }
      return { x: x / pixels, y: y / pixels, pixels };
    });
  }, selector);

async function trained(browser: Browser, address: string, dots: "gpu" | "page"): Promise<Page> {
  const page = await openPage(browser, { viewport: { width: 1280, height: 800 } });
  await page.goto(`${address}?dots=${dots}#v=1&learningRate=0.01&epochs=2&pictures=1000&hidden=%5B32%5D&play=1`);
  await expect(page.getByRole("status").first()).toContainText("Done");
  await page.getByRole("button", { name: "Sheet" }).click();
  return page;
}

test("the dots that the worker draws lie where those of the page lie, in the same colours", async ({ address }) => {
  test.skip(!long, onlyLong);
  test.skip(withoutBrowser, NO_BROWSER);
  const browser = await openBrowser(FLAGS);
  const page = await trained(browser, address, "page");
  const [expected, middles] = [await settled(page, ".ground canvas"), await middlesOf(page)];
  await page.close();
  const live = await trained(browser, address, "gpu");
  await expect(live.locator("canvas.dots")).toBeVisible();
  await expect(live.getByText("The graphics processor went away.")).toHaveCount(0);
  const found = await settled(live, "canvas.dots");
  expect(await middlesOf(live)).toEqual(middles); // the same seed, the same codes

  // How far the map reaches depends on when it was drawn, so all of it may be larger or smaller.
  const sum = (of: (k: number) => number) => found.reduce((total, _, k) => total + of(k), 0);
  const times =
    sum((k) => found[k].x * expected[k].x + found[k].y * expected[k].y) /
    sum((k) => expected[k].x ** 2 + expected[k].y ** 2);
  expect(found).toHaveLength(10);
  for (const [k, { x, y, pixels }] of found.entries()) {
    expect(pixels, `pixels of class ${k}`).toBeGreaterThan(20);
    const off = Math.hypot(x - times * expected[k].x, y - times * expected[k].y);
    expect(off, `class ${k}, of ${times} the size`).toBeLessThan(6);
  }
  await browser.close();
});

/** The clouds on a canvas once its dots have glided into place. */
async function settled(page: Page, selector: string): Promise<Cloud[]> {
  let clouds: Cloud[] = [];
  const still = async () => {
    const before = clouds;
    clouds = await cloudsOn(page, selector);
    return JSON.stringify(clouds) === JSON.stringify(before);
  };
  await expect.poll(still, { intervals: [1000] }).toBe(true);
  return clouds;
}
