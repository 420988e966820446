import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { openedModel } from "../../demo/lab/model-file.ts";
import { long, onlyLong } from "../support/long.ts";
import { apartBy, contrast, middlesOf, NO_BROWSER, pixelsOf, test, withoutBrowser } from "./playground.ts";

// The playground as a visitor meets it: train, point, draw, walk, pause, share, reload.

/** What moved without anybody having touched the page, as the browser saw it. */
interface Shift {
  readonly value: number;
  readonly what: string;
}
declare global {
  interface Window {
    shifts: Shift[];
    /** How often the canvases of the map were painted. */
    painted: { ground: number; marks: number };
  }
}

let page: Page;
/** In the quick suite without a hidden layer: half the kernels are compiled. */
const hidden = long ? [31] : [];
const small = `#v=1&learningRate=0.01&epochs=4&pictures=1000&hidden=${encodeURIComponent(JSON.stringify(hidden))}`;

test.skip(withoutBrowser, NO_BROWSER);
// Each goes on where the one before it ended: after one that fails the others have nothing to look at.
test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ playground }) => {
  page = await playground.open();
  await page.addInitScript(() => {
    window.shifts = [];
    interface Entry extends PerformanceEntry {
      readonly value: number;
      readonly hadRecentInput: boolean;
      readonly sources: readonly { readonly node: Node | null }[];
    }
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries() as Entry[]) {
        if (hadRecentInput) continue;
        const what = sources.map(({ node }) => (node as Element | null)?.outerHTML?.slice(0, 80) ?? node?.textContent);
        window.shifts.push({ value, what: what.join(" ") });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
});
test.afterAll(async () => {
  await page?.close();
});

test("a visitor trains, while nothing moves by itself, points, draws, walks, pauses and shares", async ({
  playground,
}) => {
  await page.goto(playground.address + small);
  const status = page.getByRole("status").first();
  await expect(status).toContainText("Ready");
  expect(new URL(page.url()).hash).toBe(small); // the link says what is set

  // The shipped model's map is there. Training makes another one, and draws it.
  await expect.poll(() => middlesOf(page)).toHaveLength(20);
  await expect(page.getByText("Trained before, to look at: Variational. Train begins yours.")).toBeVisible();
  const [shipped, shippedMap] = [await middlesOf(page), await pixelsOf(page, ".ground canvas")];
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await expect(status).toContainText("Training");
  await expect.poll(async () => apartBy(shipped, await middlesOf(page))).toBeGreaterThan(0.1);
  await expect.poll(() => middlesOf(page)).toHaveLength(20);
  expect(await pixelsOf(page, ".ground canvas")).not.toBe(shippedMap);
  await expect.poll(() => contrast(page, ".chart")).toBeGreaterThan(50);
  await expect(status).toContainText("Done");
  expect(await page.evaluate(() => window.shifts)).toEqual([]);

  // Pointing decodes; pressing keeps.
  const map = page.getByRole("application", { name: "Map of codes" });
  await map.hover({ position: { x: 300, y: 300 } });
  await expect.poll(() => contrast(page, ".loupe canvas")).toBeGreaterThan(30);
  await map.click({ position: { x: 300, y: 300 } });
  await expect.poll(() => contrast(page, "canvas.large")).toBeGreaterThan(30);

  // When nothing is trained, pointing paints what stands above the dots, and not the dots.
  await page.evaluate(() => {
    const { clearRect } = CanvasRenderingContext2D.prototype;
    window.painted = { ground: 0, marks: 0 };
    CanvasRenderingContext2D.prototype.clearRect = function (...area) {
      if (this.canvas.matches(".ground canvas.marks")) window.painted.marks++;
      else if (this.canvas.matches(".ground canvas")) window.painted.ground++;
      return clearRect.apply(this, area);
    };
  });
  const point = async () => {
    await page.evaluate(() => {
      window.painted = { ground: 0, marks: 0 };
    });
    for (let k = 0; k < 12; k++) await map.hover({ position: { x: 200 + 10 * k, y: 250 } });
    return page.evaluate(() => window.painted.marks >= 12 && window.painted.ground);
  };
  await expect.poll(point).toBe(0); // after the last map has glided into place

  // Drawing is placed and redrawn.
  const pad = (await page.getByRole("img", { name: "Draw here" }).boundingBox())!;
  await page.mouse.move(pad.x + 40, pad.y + 20);
  await page.mouse.down();
  await page.mouse.move(pad.x + 60, pad.y + 100, { steps: 8 });
  await page.mouse.up();
  await expect(page.getByRole("heading", { name: "Your drawing" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Nearest in pixels" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Nearest in the code" })).toBeVisible();

  // A walk from there to a held-out picture.
  await page.getByRole("button", { name: "walk from here" }).click();
  await page.getByRole("button", { name: "Random" }).click();
  await expect(page.getByRole("heading", { name: /^Held-out \d/ })).toBeVisible();
  await page.getByRole("button", { name: "to here" }).click();
  await expect(page.locator(".strip button")).toHaveCount(11);

  // The walk is saved as a strip of pictures and as a film.
  for (const [name, file, head] of [
    ["Strip (PNG)", "walk.png", "89504e47"],
    ["Film (WebM)", "walk.webm", "1a45dfa3"],
  ]) {
    const coming = page.waitForEvent("download");
    await page.getByText("Save", { exact: true }).click();
    await page.getByRole("button", { name }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(file);
    expect(
      readFileSync(await download.path())
        .subarray(0, 4)
        .toString("hex"),
    ).toBe(head);
  }

  await expect(status).toContainText("Done");
  await expect(page.getByRole("button", { name: "Train 4 more" })).toBeVisible();

  // Letters are keys, until they are switched off in the list of keys.
  const keys = page.getByRole("dialog", { name: "Keys" });
  const gone = () => expect(page.locator("dialog.keys")).toHaveCount(0); // closed, and taken away
  const switchLetters = async () => {
    await page.keyboard.press("?");
    await keys.getByRole("checkbox").click();
    await keys.getByRole("button", { name: "Close" }).click();
    await gone();
  };
  await page.keyboard.press("?");
  await expect(keys.getByText("S", { exact: true })).toBeVisible();
  await expect(keys.getByText("Enter", { exact: true })).toBeVisible();
  await page.keyboard.press("s"); // not behind a dialog
  await page.keyboard.press("Escape");
  await gone();
  await switchLetters();
  await page.keyboard.press("s");
  await page.keyboard.press("?");
  await expect(keys.locator("[data-off=true]")).toContainText(["P", ".", "R", "[ and ]", "I", "L", "S", "A and B"]);
  await page.keyboard.press("Escape");
  await gone();
  await switchLetters();
  await expect(page.getByRole("dialog", { name: "Share" })).toBeHidden();
  await page.keyboard.press("s");
  // What the link's settings have made is told by its weights.
  await expect(page.locator(".sharing strong")).toHaveText(/^[0-9a-f]{4} [0-9a-f]{4}$/);
  const weights = (await page.locator(".sharing strong").textContent())!.replace(" ", "");
  await expect(page.getByRole("textbox", { name: "Link" })).toHaveValue(
    `${playground.address}${small}&weights=${weights}`,
  );
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: /^Download \(\d/ }).click();
  const { step, settings } = await openedModel(readFileSync(await (await coming).path()), "vae.safetensors");
  expect([step, settings.epochs, settings.pictures, settings.options.hidden]).toEqual([32, 4, 1000, hidden]);
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("vae.safetensors is in your downloads");
  await page.getByRole("button", { name: "Close" }).click();
  expect(playground.problems).toEqual([]);
});

test("every control has a name, wherever one is", async ({ playground }) => {
  for (const place of ["Play", "Compare", "How it works", "Speed"]) {
    await page.getByRole("button", { name: place, exact: true }).first().click();
    const nameless = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          "button, a, input, select, textarea, summary, meter, [role=img], [role=application]",
        ),
      ]
        .filter((element) => !element.closest("[hidden], [aria-hidden=true]") && element.checkVisibility())
        .filter((element) => {
          const { labels } = element as HTMLInputElement;
          const by = document.getElementById(element.getAttribute("aria-labelledby") ?? "");
          const said = [element.getAttribute("aria-label"), element, labels?.[0], by].map((name) =>
            name instanceof Element ? name.textContent : name,
          );
          return !said.some((text) => text?.trim());
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    expect(nameless, place).toEqual([]);
  }
  expect(playground.problems).toEqual([]);
});

test("a reload loses nothing: the run is shown at once, and goes on from where it was", async ({ playground }) => {
  await page.getByRole("button", { name: "Play" }).click();
  const map = await middlesOf(page);
  await page.reload();
  const status = page.getByRole("status").first();
  await expect(status).toHaveText(/^Welcome back, step \d+/);
  await expect(page.getByRole("textbox", { name: "Numbers in the code" })).toHaveValue("2");
  // The map, the curves and the figures are there without training, and one explores.
  await expect.poll(async () => apartBy(map, await middlesOf(page))).toBeLessThan(0.03);
  await expect.poll(() => contrast(page, ".chart")).toBeGreaterThan(50);
  await page.getByRole("application", { name: "Map of codes" }).click({ position: { x: 300, y: 300 } });
  await expect.poll(() => contrast(page, "canvas.large")).toBeGreaterThan(30);
  await expect(page.getByRole("button", { name: "Go on" })).toHaveCount(1);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(status).toContainText("Done");
  expect(playground.problems).toEqual([]);
});

test("what is set changes the link; what needs another model is trained anew, and both are compared", async ({
  playground,
}) => {
  test.skip(!long, onlyLong);
  await page.getByRole("button", { name: "More: Numbers in the code" }).click();
  expect(new URL(page.url()).hash).toContain("latent=3");
  await page.getByRole("button", { name: "Start again" }).click();
  await expect(page.getByRole("status").first()).toContainText("Done");
  await expect(page.getByText("A flat view of 3 numbers")).toBeVisible();
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.locator(".sentence")).toContainText(
    "What differs: the length of the code is 2 in A and 3 in B. Same family, data, planned epochs and seed.",
  );
  await expect(page.getByRole("row", { name: /^KL/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /^numbers in use \d of 2 \d of 3$/ })).toBeVisible();

  // Time: the first snapshot is another map than the newest, which is made after the run has ended.
  await expect(page.locator(".maps figure:last-child figcaption")).toContainText("step 32");
  const time = page.getByRole("slider", { name: "Time" });
  await expect(time).toHaveAttribute("aria-valuetext", "step 32");
  // The newest map is made once more when the run has ended, and may then reach less far.
  let newest = "";
  const still = async () => {
    const last = newest;
    newest = await pixelsOf(page, ".maps figure:last-child .large-map");
    return newest === last;
  };
  await expect.poll(still, { intervals: [1000] }).toBe(true);
  await time.focus();
  await page.keyboard.press("Home");
  await expect.poll(() => pixelsOf(page, ".maps figure:last-child .large-map")).not.toBe(newest);
  await expect(time).toHaveAttribute("aria-valuetext", "step 0");
  await page.getByRole("button", { name: "Replay" }).click();
  await expect.poll(() => pixelsOf(page, ".maps figure:last-child .large-map")).toBe(newest);
  // What is pointed at in one map is marked in the other.
  const unmarked = await pixelsOf(page, ".maps figure:first-child .large-map");
  const other = (await page.getByRole("application", { name: "Map of codes of B" }).boundingBox())!;
  await page.mouse.move(other.x + other.width / 2, other.y + other.height / 2);
  await expect.poll(() => pixelsOf(page, ".maps figure:first-child .large-map")).not.toBe(unmarked);
  // By keys, too.
  await page.getByRole("application", { name: "Map of codes of A" }).focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("application", { name: /^Map of codes of B, Held-out \d is marked$/ })).toBeVisible();

  await page.getByRole("button", { name: "How it works" }).click();
  await expect(page.locator("pre")).toContainText("latent: 3");

  // Words that are a button set the control, show it with a ring, and train nothing.
  await page.getByRole("button", { name: "try 10 numbers" }).click();
  await expect(page.getByRole("textbox", { name: "Numbers in the code" })).toHaveValue("10");
  await expect(page.locator("[data-marked=true]")).toContainText("Numbers in the code");
  await expect(page.getByRole("button", { name: "Start again" })).toBeVisible();
  expect(playground.problems).toEqual([]);
});

test("another link in an open tab is followed without a reload; a family is found by typing, described, and used", async ({
  playground,
}) => {
  test.skip(!long, onlyLong);
  await page.goto(`${playground.address}${small}&latent=5&colour=red`);
  await expect(page.getByRole("textbox", { name: "Numbers in the code" })).toHaveValue("5");
  await expect(page.getByText("The link's colour=red means nothing here.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start again" })).toBeVisible(); // of the run that is still there
  expect(new URL(page.url()).hash).toBe(`${small}&latent=5`);
  await page.goto(playground.address + small);
  await expect(page.getByRole("textbox", { name: "Numbers in the code" })).toHaveValue("2");
  await page.getByRole("button", { name: /^Variational one of \d+ families$/ }).click();
  await page.getByRole("searchbox", { name: "Find a family" }).fill("quant");
  await expect(page.getByRole("dialog").getByRole("option")).toHaveText(["Vector-quantised"]);
  await expect(page.getByRole("searchbox", { name: "Find a family" })).toHaveAttribute(
    "aria-activedescendant",
    (await page.getByRole("option", { name: "Vector-quantised" }).getAttribute("id"))!,
  );
  await expect(page.getByRole("heading", { name: "Vector-quantised" })).toBeVisible();
  await expect(page.getByText("Starts a new run. The present one stays in Compare.")).toBeVisible();
  await page.getByRole("searchbox", { name: "Find a family" }).press("Enter");
  await expect(page.getByRole("button", { name: /^Vector-quantised one of/ })).toBeVisible();
  expect(new URL(page.url()).hash).toContain("family=vq-vae");
  expect(playground.problems).toEqual([]);
});

test("another family shows what it can: a GAN has no map, and draws from noise", async ({ playground }) => {
  test.skip(!long, onlyLong);
  await page.goto("about:blank");
  await page.goto(`${playground.address}#v=1&family=gan&widths=%5B16%5D&pictures=1000&epochs=1&play=1`);
  await expect(page.getByRole("status").first()).toContainText("Done");
  await expect.poll(() => contrast(page, "canvas.samples")).toBeGreaterThan(10);
  await expect(page.getByRole("application", { name: "Map of codes" })).toBeHidden();
  await expect(page.getByText("Loss of the discriminator on held-out pictures")).toBeVisible();
  for (const name of ["Dots", "Pictures", "Sheet", "Nearer"]) {
    await expect(page.getByRole("button", { name, exact: true })).toBeHidden();
  }
  await expect(page.getByText("redrawn", { exact: true })).toHaveCount(0);
  await expect(page.locator(".kl")).toHaveCount(0);
  // One that it drew is held, beside the nearest held-out ones.
  await page.locator("canvas.samples").click();
  await expect(page.getByRole("heading", { name: "A drawn picture" })).toBeVisible();
  await expect.poll(() => contrast(page, "canvas[aria-label='What is held']")).toBeGreaterThan(10);
  await expect(page.getByRole("heading", { name: "Nearest held-out ones, in pixels" })).toBeVisible();
  await page
    .getByRole("button", { name: /^Held-out \d$/ })
    .first()
    .click();
  await expect(page.getByRole("heading", { name: /^Held-out \d$/ })).toBeVisible();
  expect(playground.problems).toEqual([]);
});

test("a phone has the same under the thumb", async ({ playground }) => {
  test.skip(!long, onlyLong);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("about:blank");
  await page.goto(playground.address + small);
  await expect(page.getByRole("button", { name: "Train", exact: true }).last()).toBeVisible();
  await page.getByRole("button", { name: "Model" }).click();
  await expect(page.getByText("Numbers in the code")).toBeVisible();
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  expect(await wide()).toBeLessThanOrEqual(390);
  await page.locator("summary[aria-label=Places]").click();
  await page.getByRole("button", { name: "How it works" }).click();
  await expect(page.getByRole("heading", { name: "Variational" })).toBeVisible();
  await page.locator("summary[aria-label=Places]").click();
  await page.getByRole("button", { name: "Play" }).click();

  // Lying, the pane stands beside the map; a tablet has the model in a drawer.
  await page.setViewportSize({ width: 844, height: 390 });
  const [map, pane] = await Promise.all([".map", ".left"].map((part) => page.locator(part).boundingBox()));
  expect(pane!.x).toBeGreaterThanOrEqual(map!.x + map!.width);
  expect(await wide()).toBeLessThanOrEqual(844);
  await page.setViewportSize({ width: 900, height: 800 });
  await expect(page.getByText("Numbers in the code")).toBeHidden();
  await page.getByRole("button", { name: "Model" }).click();
  await expect(page.getByText("Numbers in the code")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("Numbers in the code")).toBeHidden();
  expect(await wide()).toBeLessThanOrEqual(900);
  expect(playground.problems).toEqual([]);
});
