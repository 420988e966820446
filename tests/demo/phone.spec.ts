import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { long, onlyLong } from "../support/long.ts";
import { NO_BROWSER, test, withoutBrowser } from "./playground.ts";

// What a visitor on a phone sees and returns to, and where notices stand there and on a laptop.

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const SLOW = "No graphics processor found.";

declare global {
  interface Window {
    /** The heights at which the lens' caption was painted, CSS pixels of the page. */
    captions: number[];
  }
}

test.skip(!long, onlyLong);
test.skip(withoutBrowser, NO_BROWSER);

const boxOf = async (page: Page, selector: string) => (await page.locator(selector).boundingBox())!;

/** Draws a stroke in the pad. */
async function draw(page: Page): Promise<void> {
  const { x, y, width, height } = await boxOf(page, "canvas.pad");
  await page.mouse.move(x + width / 2, y + 0.2 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.6 * width, y + 0.8 * height, { steps: 4 });
  await page.mouse.up();
}

test("a phone says what slows training down, beside the map; a drawing is a press away, and the step is told", async ({
  playground,
}) => {
  const page = await playground.open(PHONE);
  await page.goto(`${playground.address}#v=1&epochs=1&pictures=500&hidden=%5B%5D`);
  const status = page.getByRole("status").first();
  await expect(status).toContainText("Ready");
  const held = page.getByRole("region", { name: "What you hold" });
  await draw(page);
  await expect(held.getByRole("heading", { name: "Your drawing" })).toBeVisible();

  const notice = page.getByRole("complementary").filter({ hasText: SLOW });
  await expect(notice).toBeVisible();
  const [map, said, bar] = [await boxOf(page, ".map"), (await notice.boundingBox())!, await boxOf(page, ".phone-bar")];
  expect(said.y).toBeGreaterThanOrEqual(map.y + map.height);
  expect(said.y + said.height).toBeLessThanOrEqual(bar.y);

  const ground = page.getByRole("application", { name: "Map of codes" });
  await ground.tap({ position: { x: 200, y: 200 } });
  await expect(held.getByRole("heading", { name: "Your drawing" })).toHaveCount(0);
  await held.getByRole("button", { name: "Back" }).click();
  await expect(held.getByRole("heading", { name: "Your drawing" })).toBeVisible();
  await expect(held.getByRole("button", { name: "Back" })).toHaveCount(0);
  await held.getByRole("button", { name: "Clear" }).click();
  await expect(held.getByRole("heading", { name: "Draw something" })).toBeVisible();
  await held.getByRole("button", { name: "Back" }).click();
  await expect(held.getByRole("heading", { name: "Your drawing" })).toBeVisible();

  await page.getByRole("button", { name: "Train", exact: true }).last().click();
  await expect(status).toContainText("Done");
  await expect(status.getByText("step 4")).toBeVisible();
  expect(playground.problems).toEqual([]);
  await page.close();
});

test("on a laptop a notice covers neither the hint nor what the lens is of", async ({ playground }) => {
  const page = await playground.open();
  await page.addInitScript(() => {
    window.captions = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...most) {
      if (/^its cloud/.test(text)) window.captions.push(this.canvas.getBoundingClientRect().top + y);
      return fillText.call(this, text, x, y, ...most);
    };
  });
  await page.goto(playground.address);
  const notice = page.getByRole("complementary").filter({ hasText: SLOW });
  const hint = page.getByText("Point anywhere.");
  await expect(notice).toBeVisible();
  await expect(hint).toBeVisible();
  const top = async () => (await notice.boundingBox())!.y;
  const foot = async () => {
    const { y, height } = (await hint.boundingBox())!;
    return y + height;
  };
  await expect.poll(async () => (await foot()) <= (await top())).toBe(true);

  await page.locator("canvas.pad").focus(); // without a pointer over the map
  const seen: string[] = [];
  for (let k = 0; k < 10; k++) {
    await page.keyboard.press("]");
    await expect(page.getByRole("img", { name: "Draw 6" })).toBeVisible();
    seen.push((await page.getByRole("heading", { level: 1 }).textContent())!);
  }
  expect(new Set(seen).size).toBeGreaterThan(3);
  await expect.poll(() => page.evaluate(() => window.captions.length)).toBeGreaterThan(0);
  expect(await page.evaluate(() => Math.max(...window.captions))).toBeLessThan(await top());
  expect(playground.problems).toEqual([]);
  await page.close();
});
