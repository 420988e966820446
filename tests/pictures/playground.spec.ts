import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { test } from "../demo/playground.ts";
import { long, onlyLong } from "../support/long.ts";

// The pictures of the playground in the docs, made anew by --update-snapshots=all: on a laptop, in the dark, on a phone.
const views = {
  playground: { viewport: { width: 1280, height: 800 } },
  "playground-dark": { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  "playground-phone": { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
} as const;

for (const [name, options] of Object.entries(views)) {
  test(`${name}: the page with what one holds`, async ({ playground }) => {
    test.skip(!long, onlyLong);
    const page = await playground.open(options);
    await page.goto(`${playground.address}#v=1&learningRate=0.003&epochs=12&pictures=8000`);
    const status = page.getByRole("status").first();
    await expect(status).toContainText("Ready");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await expect(status).toContainText("Done");
    // A held-out picture, wherever its dot lies: a place between dots has no cloud to draw from.
    await page.keyboard.press("]");
    await page.locator(":focus").blur();
    await expect(page.getByText("Six draws from its cloud")).toBeVisible();
    const update = test.info().config.updateSnapshots === "all";
    const path = update ? fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url)) : undefined;
    expect((await page.screenshot({ path })).length).toBeGreaterThan(20_000);
    expect(playground.problems).toEqual([]);
    await page.close();
  });
}
