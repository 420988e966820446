import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Browser, Page } from "playwright-core";
import { build, createServer } from "vite";
import { candidatesHere } from "../../src/host/browser.ts";
import { openPage, sharedBrowser } from "../support/browser.ts";
import { long, onlyLong } from "../support/long.ts";
import { type Served, serveFolder } from "../support/serve-folder.ts";
import { expectDigits, type Installed, installPacked, openUntilDone } from "./support.ts";

// The pages of demo/examples with the package as npm would publish it: each trains, and shows digits.

let installed: Installed;
let browser: Browser;
let site: Served;

test.beforeAll(async () => {
  test.skip(candidatesHere().length === 0, "no Chromium is installed: set CHROME_PATH, or see `reparam doctor`");
  installed = await installPacked();
  if (!long) shorten(installed.folder);
  site = await serveFolder(installed.folder);
  browser = await sharedBrowser();
});

test.afterAll(async () => {
  site?.close();
  installed?.dispose();
});

const numbersIn = (text: string): number[] => (text.match(/\d+\.\d/g) ?? []).map(Number);

/** How long the examples train: as they are in the long suite, else for two epochs of a few steps. */
const EPOCHS = long ? 8 : 2;

/**
 * Makes the examples in a folder train for EPOCHS of fewer digits, and no hidden layer and a code whose length no vector divides:
 * fewer kernels, which compile in a quarter of the time.
 */
function shorten(folder: string): void {
  for (const name of ["import-map.html", "one-file.html", "worker.html", "vite/main.js"]) {
    const text = readFileSync(join(folder, name), "utf8");
    const changes = [
      ["epochs: 8", `epochs: ${EPOCHS}`],
      ["trainCount: 2000", "trainCount: 400"],
      ["hidden: [128], latent: 8", "hidden: [], latent: 3"],
    ];
    const short = changes.reduce((short, [from, to]) => short.replaceAll(from, to), text);
    if (changes.some(([from]) => !text.includes(from)))
      throw new Error(`${name} does not say for how long it trains, as this test thinks.`);
    writeFileSync(join(folder, name), short);
  }
}

/** The losses of the epochs that every example trains, as the first one here says them. */
let known: readonly number[] | undefined;

/** That they fall, after all epochs well below a grey image's ln 2 for each of 784 pixels, and are the same bit for bit in every example. */
function expectLosses(losses: readonly number[]): void {
  expect(losses.length).toBe(EPOCHS);
  expect(losses[EPOCHS - 1]).toBeLessThan(losses[0]);
  if (long) expect(losses[EPOCHS - 1]).toBeLessThan(0.3 * 784 * Math.LN2);
  expect(losses).toEqual((known ??= losses));
}

/** That the page shows images; after all epochs they are digits. */
const expectImages = async (page: Page, count: number): Promise<void> =>
  long
    ? expectDigits(page, count)
    : expect(await page.evaluate(() => document.querySelector("canvas")!.width)).toBe(28 * count);

test("a plain page trains by an import map, and a page with the decoder alone shows what its file makes", async () => {
  const page = await openPage(browser);
  const { says, problems } = await openUntilDone(page, `${site.origin}/import-map.html`);
  expect(problems).toEqual([]);
  expectLosses(numbersIn(says));
  await expectImages(page, 8);
  const file = await page.evaluate(async () => {
    const { href } = document.querySelector<HTMLAnchorElement>("#decoder")!;
    return Array.from(new Uint8Array(await (await fetch(href)).arrayBuffer()));
  });
  writeFileSync(join(installed.folder, "decoder.safetensors"), Uint8Array.from(file));
  await page.close();

  const decoding = await openPage(browser);
  expect(await openUntilDone(decoding, `${site.origin}/decoder.html`)).toEqual({ says: "", problems: [] });
  await expectImages(decoding, 1);
  await decoding.close();
});

test("one file without imports does the same to the same losses, on the page and in a worker", async () => {
  test.skip(!long, onlyLong);
  const page = await openPage(browser);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const { says, problems } = await openUntilDone(page, `${site.origin}/one-file.html`);
  expect(problems).toEqual([]);
  expect(says).toContain("and in a worker");
  expectLosses(numbersIn(says));
  await expectImages(page, 8);
  const ofLibrary = new Set(asked.filter((path) => path.includes("/node_modules/")));
  expect([...ofLibrary]).toEqual(["/node_modules/reparam/dist/reparam.min.js"]);
  await page.close();
});

test("in a worker, to the same losses", async () => {
  test.skip(!long, onlyLong);
  const page = await openPage(browser);
  const { says, problems } = await openUntilDone(page, `${site.origin}/worker.html`);
  expect(problems).toEqual([]);
  expectLosses(numbersIn(says));
  await expectImages(page, 8);
  await page.close();
});

test("packed by Vite, under a policy that allows the page's own scripts alone; in the long suite also served by it", async () => {
  const root = join(installed.folder, "vite");
  await build({ root, logLevel: "error" });
  const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; img-src data:";
  const strict = await serveFolder(join(root, "dist"), { headers: { "content-security-policy": policy } });
  const server =
    long &&
    (await createServer({
      root,
      logLevel: "error",
      server: { host: "127.0.0.1", port: 0, fs: { allow: [installed.folder] } },
    }));
  if (server) await server.listen();
  try {
    for (const address of [`${strict.origin}/`, ...(server ? server.resolvedUrls!.local : [])]) {
      const page = await openPage(browser);
      const { says, problems } = await openUntilDone(page, address);
      expect(problems).toEqual([]);
      const losses = numbersIn(says);
      expect(losses.length).toBe(2 * EPOCHS);
      for (const half of [losses.slice(0, EPOCHS), losses.slice(EPOCHS)]) expectLosses(half);
      await expectImages(page, 8);
      await page.close();
    }
  } finally {
    if (server) await server.close();
    strict.close();
  }
});
