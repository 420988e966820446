import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { BEGINNING } from "../../demo/lab/settings.ts";
import { refusalOf } from "../../demo/panels/refusal.ts";
import { NO_BROWSER, test, withoutBrowser } from "./playground.ts";

// What a visitor sets by hand: fields that refuse, sliders under a finger, menus. With the model that comes with the page, and no GPU.

test("what an option cannot be is told in a sentence, and what it stays; so is a model that is too large", () => {
  expect(refusalOf(BEGINNING, "hidden", [64])).toBeUndefined();
  expect(refusalOf(BEGINNING, "hidden", [Number.NaN])).toBe(
    "Hidden layers must be a list of layer widths such as [400]; it stays 320, 128.",
  );
  expect(refusalOf(BEGINNING, "latent", 0)).toBe(
    "Numbers in the code must be a whole number from 1 to 65536; it stays 2.",
  );
  expect(refusalOf(BEGINNING, "hidden", [60_000, 60_000])).toBe(
    "That model would have 7,295 million weights, and the most here are 50 million; it stays 320, 128.",
  );
});

test.describe("on a phone", () => {
  test.skip(withoutBrowser, NO_BROWSER);
  test.describe.configure({ mode: "serial" });
  let page: Page;
  test.beforeAll(async ({ playgroundWithoutGpu }) => {
    page = await playgroundWithoutGpu.open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await page.goto(playgroundWithoutGpu.address);
    await page.getByRole("button", { name: "Model", exact: true }).last().click();
  });
  test.afterAll(async () => {
    await page?.close();
  });

  test("a swipe that begins on a slider scrolls and sets nothing; a pull sideways and a tap set it", async () => {
    const slider = page.getByRole("slider", { name: "Learning rate" });
    const told = page.locator(".slider").filter({ hasText: "Learning rate" }).locator("output");
    await slider.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await slider.boundingBox())!;
    const cdp = await page.context().newCDPSession(page);
    const finger = async (...spots: (readonly [across: number, down: number])[]) => {
      for (const [k, [across, down]] of spots.entries()) {
        const touchPoints = [{ x: x + across * width, y: y + height / 2 + down }];
        await cdp.send("Input.dispatchTouchEvent", { type: k === 0 ? "touchStart" : "touchMove", touchPoints });
      }
      await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    };
    const scrolled = () => page.locator(".left").evaluate(({ scrollTop }) => scrollTop);
    const before = await scrolled();
    await expect(told).toHaveText("0.0015");
    await finger([0.1, 0], [0.1, -20], [0.1, -40], [0.1, -60]);
    await expect.poll(scrolled).not.toBe(before);
    await expect(told).toHaveText("0.0015");
    expect(Number(await slider.inputValue())).toBeCloseTo(Math.log10(0.0015), 1);

    await page.locator(".left").evaluate((panel, top) => panel.scrollTo(0, top), before);
    await finger([0.6, 0], [0.4, 0], [0.2, 0]);
    await expect(told).not.toHaveText("0.0015");
    const pulled = await told.textContent();
    await finger([0.9, 0]);
    await expect(told).not.toHaveText(pulled!);
    expect(Number(await told.textContent())).toBeGreaterThan(0.0015);
  });

  test("a field says what it must be, and shows the value that stays", async () => {
    const hidden = page.getByLabel("Hidden layers");
    await hidden.fill("abc");
    await hidden.blur();
    await expect(page.getByRole("alert")).toHaveText(/^Hidden layers must be a list of layer widths/);
    await expect(hidden).toHaveValue("320, 128");
    await hidden.fill("");
    await hidden.blur();
    await expect(page.getByRole("alert")).toHaveCount(0);
    await expect(hidden).toHaveAttribute("placeholder", "none");
  });

  test("a menu closes on a press outside, on Escape, and when something in it was chosen", async () => {
    const menu = page.locator("details.places");
    const open = async () => {
      await menu.locator("summary").click();
      await expect(menu).toHaveAttribute("open");
    };
    await open();
    await page.getByRole("heading", { name: "Changes at once" }).click();
    await expect(menu).not.toHaveAttribute("open");
    await open();
    await page.keyboard.press("Escape");
    await expect(menu).not.toHaveAttribute("open");
    await expect(menu.locator("summary")).toBeFocused();
    await open();
    await menu.getByRole("button", { name: "Speed" }).click();
    await expect(page.getByRole("heading", { name: "Speed" })).toBeVisible();
    await expect(menu).not.toHaveAttribute("open");
  });
});
