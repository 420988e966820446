import { expect } from "@playwright/test";
import { long, onlyLong } from "../support/long.ts";
import { NO_BROWSER, pixelsOf, test, withoutBrowser } from "./playground.ts";

// What hands do on the map and in the pad, by mouse, fingers and keys, with the model that comes with the page.

test("the ring is dragged, a walk is set by keys, two fingers zoom, and arrows move a drawing", async ({
  playground,
}) => {
  test.skip(withoutBrowser, NO_BROWSER);
  test.skip(!long, onlyLong);
  const page = await playground.open({ viewport: { width: 1280, height: 800 }, hasTouch: true });
  await page.goto(playground.address);
  await expect(page.locator("#map-middles")).toContainText("0 at");
  const map = page.getByRole("application", { name: "Map of codes" });
  const box = (await map.boundingBox())!;
  await page.mouse.move(box.x + 60, box.y + 300);
  await map.click({ position: { x: 60, y: 300 } });
  await expect(page.locator(".code strong")).toBeVisible();
  const code = await page.locator(".code strong").textContent();
  await page.mouse.move(box.x + 60, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 330, { steps: 5 });
  await page.mouse.up();
  await expect(page.locator(".code strong")).not.toHaveText(code!);

  // The ends of a walk at the cross, and what is under it, said.
  await map.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("a");
  for (let k = 0; k < 8; k++) await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("b");
  await expect(page.locator(".strip button")).toHaveCount(11);
  await expect(page.locator(".map [aria-live]")).toHaveText(/^−?\d\.\d\d, −?\d\.\d\d, decodes like a \d, /);

  const before = await pixelsOf(page, ".ground canvas");
  const cdp = await page.context().newCDPSession(page);
  const touch = (type: string, points: number[][]) =>
    cdp.send("Input.dispatchTouchEvent", {
      type: type as "touchStart",
      touchPoints: points.map(([x, y], id) => ({ x: box.x + x, y: box.y + y, id })),
    });
  await touch("touchStart", [[300, 300]]);
  await touch("touchStart", [
    [300, 300],
    [400, 300],
  ]);
  await touch("touchMove", [
    [280, 300],
    [420, 300],
  ]);
  await touch("touchMove", [
    [200, 300],
    [500, 300],
  ]);
  await touch("touchEnd", []);
  await expect.poll(() => pixelsOf(page, ".ground canvas")).not.toBe(before);

  await page.getByRole("button", { name: "Random" }).click();
  const pad = page.getByRole("img", { name: "Draw here" });
  await pad.focus();
  const p0 = await pixelsOf(page, "canvas.pad");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => pixelsOf(page, "canvas.pad")).not.toBe(p0);
  const p1 = await pixelsOf(page, "canvas.pad");
  await page.keyboard.press("i");
  await expect.poll(() => pixelsOf(page, "canvas.pad")).not.toBe(p1);
  expect(playground.problems).toEqual([]);
  await page.close();
});
