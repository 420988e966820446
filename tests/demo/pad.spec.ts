import { expect } from "@playwright/test";
import { NO_BROWSER, test, withoutBrowser } from "./playground.ts";

test("a stroke goes on while the page is behind with what it drew before", async ({ playground }) => {
  test.skip(withoutBrowser, NO_BROWSER);
  const page = await playground.open();
  await page.goto(playground.address);
  const pad = page.locator("canvas.pad");
  await expect(pad).toBeVisible();
  await page.getByRole("status").first().filter({ hasText: "Ready" }).waitFor();
  // The page renders between the moves, and what it does after a rendering comes late.
  const left = await pad.evaluate(async (canvas) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const capture = canvas.setPointerCapture;
    canvas.setPointerCapture = () => {}; // of a pointer that is none
    const send = async (type: string, share: number) => {
      const at = { clientX: left + width / 2, clientY: top + height * share };
      canvas.dispatchEvent(new PointerEvent(type, { ...at, bubbles: true, pointerId: 1 }));
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    };
    await send("pointerdown", 0.1);
    for (const share of [0.3, 0.5, 0.7, 0.9]) await send("pointermove", share);
    await send("pointerup", 0.9);
    canvas.setPointerCapture = capture;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { data } = (canvas as HTMLCanvasElement)
      .getContext("2d")!
      .getImageData(0, 0, (canvas as HTMLCanvasElement).width, (canvas as HTMLCanvasElement).height);
    const rows = new Set<number>();
    for (let k = 3; k < data.length; k += 4)
      if (data[k] > 128) rows.add(Math.floor(k / 4 / (canvas as HTMLCanvasElement).width));
    return rows.size / (canvas as HTMLCanvasElement).height;
  });
  expect(left).toBeGreaterThan(0.75);
  expect(playground.problems).toEqual([]);
  await page.close();
});
