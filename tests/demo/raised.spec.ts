import { expect } from "@playwright/test";
import { harm, keepBeforeRaise, raised } from "../../demo/lab/raised.ts";
import { BEGINNING } from "../../demo/lab/settings.ts";
import { changes, losses, phase, running, step } from "../../demo/lab/state.ts";
import { long, onlyLong } from "../support/long.ts";
import { NO_BROWSER, test, withoutBrowser } from "./playground.ts";

// A learning rate that is raised while a run goes: what it undoes is said, and the run as it was is there.

test.describe("which raise does harm", () => {
  const run = { checkpoint: () => Promise.reject(new Error("nobody asks for it")) };
  const learned = Array.from({ length: 100 }, (_, k) => 545 - 4 * k); // 545 … 149
  const after = (loss: number, count = 20) => {
    losses.value = [...learned, ...Array(count).fill(loss)];
    step.value = losses.value.length;
  };
  test.beforeEach(() => {
    [running.value, phase.value, changes.value] = [BEGINNING, "training", []];
    after(0, 0);
    raised.value = { step: 100, learningRate: 0.0015, bytes: new Uint8Array(0) };
  });
  test.afterAll(() => {
    [running.value, phase.value, losses.value, step.value, raised.value] = [undefined, "opening", [], 0, undefined];
  });

  test("a loss that is a tenth of the way back to where it began, over twenty steps", () => {
    const before = 149 + (4 * 19) / 2;
    expect(harm.value).toBeUndefined();
    after(before + 30);
    expect(harm.value).toBeUndefined();
    after(before + 40, 19);
    expect(harm.value).toBeUndefined();
    after(before + 40);
    expect(harm.value).toEqual({ before, now: before + 40 });
    after(before);
    expect(harm.value).toBeUndefined(); // it learned that again
    phase.value = "failed";
    expect(harm.value).toEqual({ before, now: Number.NaN });
  });

  test("another change forgets the raise; a slider that is pulled on, and one that is put back, do not", async () => {
    await keepBeforeRaise(run, { learningRate: 0.003 });
    await keepBeforeRaise(run, { learningRate: 0.001 });
    expect(raised.value?.step).toBe(100);
    await keepBeforeRaise(run, { klWeight: 2 });
    expect(raised.value).toBeUndefined();
    await keepBeforeRaise(run, { learningRate: 0.001 }); // lower than it is
    expect(raised.value).toBeUndefined();
    await expect(keepBeforeRaise(run, { learningRate: 0.002 })).rejects.toThrow("nobody asks for it");
  });
});

test("in the page a model that a rate has undone is got back, at the rate that it had", async ({ playground }) => {
  test.skip(!long, onlyLong);
  test.skip(withoutBrowser, NO_BROWSER);
  const page = await playground.open();
  await page.goto(`${playground.address}#v=1&epochs=5000&pictures=1000&hidden=%5B%5D&play=1`);
  const steps = async () => Number((await page.locator(".figures dd").first().textContent())!.replace(",", ""));
  const status = page.getByRole("status").first();
  await expect(status).toContainText("Training"); // before, the steps are those of the model that comes with the page
  await expect.poll(steps).toBeGreaterThan(60);
  const slider = page.getByRole("slider", { name: "Learning rate" });
  const [min, max] = await slider.evaluate(({ min, max }: HTMLInputElement) => [10 ** Number(min), 10 ** Number(max)]);
  expect(min).toBeCloseTo(0.000015, 10);
  expect(max).toBeCloseTo(0.015, 10);
  // Farther than the slider goes, as a link may.
  await slider.evaluate((input: HTMLInputElement) => {
    input.max = "1";
    input.value = "1";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await expect(page.getByText(/^The learning rate may be too high\. After it was raised at step \d+, /)).toBeVisible();
  await page.getByRole("button", { name: "Go back there, to 0.0015" }).click();
  await expect(page.getByText("The learning rate may be too high.")).toHaveCount(0);
  await expect(page.locator(".slider").filter({ hasText: "Learning rate" }).locator("output")).toHaveText("0.0015");
  await expect(status).toContainText("Training");
  const loss = async () => Number(await page.locator(".curves h2 strong").textContent());
  const from = await steps();
  await expect.poll(steps).toBeGreaterThan(from + 30);
  expect(await loss()).toBeLessThan(400);
  expect(playground.problems).toEqual([]);
  await page.close();
});
