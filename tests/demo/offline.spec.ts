import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { long, onlyLong } from "../support/long.ts";
import { NO_BROWSER, test, withoutBrowser } from "./playground.ts";

// What comes when it is first asked for: the page has it before, without being asked, and says so where it cannot have it.

test.skip(withoutBrowser, NO_BROWSER);

const go = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).first().click();

test("the page works on without a connection, once it has loaded the rest of itself", async ({
  playgroundWithoutGpu,
}) => {
  test.skip(!long, onlyLong);
  const page = await playgroundWithoutGpu.open();
  await page.goto(playgroundWithoutGpu.address);
  const loaded = () =>
    page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("film-")).length);
  await expect.poll(loaded).toBe(1); // the last of all
  await page.context().setOffline(true);
  await go(page, "How it works");
  await expect(page.getByRole("heading", { level: 1, name: "How it works" })).toBeVisible();
  await go(page, "Speed");
  await expect(page.getByRole("heading", { level: 1, name: "Speed" })).toBeVisible();
  await go(page, "Play");
  await go(page, "Shapes");
  await expect(page.getByRole("button", { name: "Shapes" })).toHaveAttribute("aria-pressed", "true");
  await page.locator(".family").click();
  await expect(page.getByRole("option")).not.toHaveCount(1);
  await expect(page.getByText("could not be loaded")).toHaveCount(0);
  expect(playgroundWithoutGpu.problems).toEqual([]);
  await page.close();
});

test("where a part cannot be loaded, the page says so, and tries again when it is asked to", async ({
  playgroundWithoutGpu,
}) => {
  const page = await playgroundWithoutGpu.open();
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "connection", { value: { saveData: true } }); // nothing comes unasked
  });
  await page.goto(playgroundWithoutGpu.address);
  await expect(page.locator("#map-middles")).toContainText("0 at");
  await page.context().setOffline(true);
  await go(page, "Shapes");
  await expect(page.getByText("What draws the shapes could not be loaded: the connection may be gone.")).toBeVisible();
  await page.locator(".family").click();
  await expect(page.getByText("This part of the page could not be loaded")).toBeVisible();
  await go(page, "How it works");
  const said = page.getByRole("alert").filter({ hasText: "This part of the page could not be loaded" });
  await expect(said).toBeVisible();
  await expect(page.getByRole("button", { name: "Reload the page" })).toHaveCount(0);
  await go(page, "Try again");
  await expect(page.getByRole("button", { name: "Reload the page" })).toBeVisible();
  await page.context().setOffline(false);
  await go(page, "Try again");
  await expect(page.getByRole("heading", { level: 1, name: "How it works" })).toBeVisible();
  await go(page, "Play");
  await go(page, "Shapes");
  await expect(page.getByRole("button", { name: "Shapes" })).toHaveAttribute("aria-pressed", "true");
  await page.close();
});
