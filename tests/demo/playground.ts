import { fileURLToPath } from "node:url";
import { test as base } from "@playwright/test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { build } from "vite";
import { candidatesHere } from "../../src/host/browser.ts";
import { openBrowser, openPage } from "../support/browser.ts";
import { onceARun } from "../support/once-a-run.ts";
import { serveFolder } from "../support/serve-folder.ts";

/** The playground in a browser. */
export interface Playground {
  /** Its address, with / at the end. */
  readonly address: string;
  /** What went wrong in its pages since one was opened: errors of scripts and lines of the console. */
  readonly problems: string[];
  /** A page of a visitor of its own, with nothing kept from others. */
  open(options?: BrowserContextOptions): Promise<Page>;
}

/** What is made once in a process, for whoever asks first; the process' end ends it. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** The address of the playground as a server has it that knows nothing of it: built, below a path. */
const address = once(async () => {
  const configFile = fileURLToPath(new URL("../../demo/vite.config.mjs", import.meta.url));
  const folder = await onceARun("playground", async (outDir) => {
    await build({ configFile, logLevel: "error", build: { outDir } });
  });
  const site = await serveFolder(folder, { base: "/some/where/" });
  return `${site.origin}/some/where/`;
});
const usual = once(() => inBrowser());
const withoutGpu = once(() => inBrowser(["--disable-gpu", "--disable-webgpu"]));

/** Tests with the playground. Its fixtures are none of a worker: Playwright would keep all such tests for workers of their own, at the end. */
export const test = base.extend<{ address: string; playground: Playground; playgroundWithoutGpu: Playground }>({
  // biome-ignore-start lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from the pattern
  address: async ({}, use) => use(await address()),
  playground: async ({}, use) => use(await usual()),
  playgroundWithoutGpu: async ({}, use) => use(await withoutGpu()),
  // biome-ignore-end lint/correctness/noEmptyPattern: as above
});

/** Whether there is no browser to open the page in. */
export const withoutBrowser = candidatesHere().length === 0;
export const NO_BROWSER = "no Chromium is installed: set CHROME_PATH, or see `reparam doctor`";

async function inBrowser(flags?: readonly string[]): Promise<Playground> {
  const browser = await openBrowser(flags);
  const problems: string[] = [];
  return {
    address: await address(),
    problems,
    open: async (options = { viewport: { width: 1280, height: 800 } }) => {
      problems.length = 0;
      const page = await openPage(browser, options);
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") problems.push(message.text());
      });
      return page;
    },
  };
}

/** How far the darkest and the lightest pixel of a canvas are apart, 0..255. */
export const contrast = (page: Page, selector: string): Promise<number> =>
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

/** Where the middles of the classes lie on the map, as it tells those who do not see it: x and y of each, in turn. */
export async function middlesOf(page: Page): Promise<number[]> {
  const told = (await page.locator("#map-middles").textContent()) ?? "";
  return [...told.matchAll(/[−]?\d+\.\d\d/g)].map(([text]) => Number(text.replace("−", "-")));
}

/** How far two maps' middles are apart at most. */
export const apartBy = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length && a.length > 0
    ? Math.max(...a.map((value, k) => Math.abs(value - b[k])))
    : Number.POSITIVE_INFINITY;

/** The pixels of a canvas as a short text, to see whether it was drawn anew. */
export const pixelsOf = (page: Page, selector: string): Promise<string> =>
  page.evaluate(async (which) => {
    const canvas = document.querySelector<HTMLCanvasElement>(which)!;
    const bytes = new TextEncoder().encode(canvas.toDataURL());
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join(" ");
  }, selector);
