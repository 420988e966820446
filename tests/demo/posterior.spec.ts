import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { magnification } from "../../demo/drawing/lens.ts";
import { deviationsOf, ellipseOf, type Plane, wholePlane } from "../../demo/lab/plane.ts";
import { tellingOf } from "../../demo/lab/telling.ts";
import { long, onlyLong } from "../support/long.ts";
import { NO_BROWSER, pixelsOf, test, withoutBrowser } from "./playground.ts";

// What a model says of its uncertainty: the ellipse, the draws, and the KL of each number.

test("a posterior's ellipse is its covariance through the projection", () => {
  const plain = ellipseOf(Float32Array.of(1, 2, 0.5, 0.25), wholePlane);
  expect([plain.a, plain.b]).toEqual([0.5, 0.25]);
  expect(plain.angle).toBeCloseTo(0, 6);
  const upright = ellipseOf(Float32Array.of(0, 0, 0.25, 0.5), wholePlane);
  expect([upright.a, upright.b]).toEqual([0.5, 0.25]);
  expect(Math.abs(upright.angle)).toBeCloseTo(Math.PI / 2, 6);

  // L = [[1, 0], [0.6, 0.8]]: Σ = L Lᵀ = [[1, 0.6], [0.6, 1]], whose eigenvalues are 1.6 and 0.4, at 45°.
  const turned = ellipseOf(Float32Array.of(0, 0, 1, 0, 0.6, 0.8), wholePlane);
  expect(turned.a).toBeCloseTo(Math.sqrt(1.6), 6);
  expect(turned.b).toBeCloseTo(Math.sqrt(0.4), 6);
  expect(turned.angle).toBeCloseTo(Math.PI / 4, 6);
  expect([...deviationsOf(Float32Array.of(0, 0, 1, 0, 0.6, 0.8), 2)].map((one) => Number(one.toFixed(6)))).toEqual([
    1, 1,
  ]);

  // B = the second and the mean of the first and third axis: variances 4 and (1 + 9) / 2, no covariance.
  const half = Math.SQRT1_2;
  const plane: Plane = {
    latent: 3,
    mean: new Float32Array(3),
    axes: Float32Array.of(0, 1, 0, half, 0, half),
    share: 1,
  };
  const wide = ellipseOf(Float32Array.of(7, 7, 7, 1, 2, 3), plane);
  expect(wide.a).toBeCloseTo(Math.sqrt(5), 6);
  expect(wide.b).toBeCloseTo(2, 6);
  // The same as a Cholesky factor of a diagonal covariance.
  const full = ellipseOf(Float32Array.of(7, 7, 7, 1, 0, 0, 0, 2, 0, 0, 0, 3), plane);
  expect(full.a).toBeCloseTo(wide.a, 6);
  expect(full.angle).toBeCloseTo(wide.angle, 6);
});

test("a wide cloud stands on the map, a narrow one in a lens, four to sixteen times as large", () => {
  expect(magnification({ a: 0.1, b: 0.1, angle: 0 }, 100)).toBe(1);
  expect(magnification({ a: 0.05, b: 0.03, angle: 0 }, 100)).toBe(4);
  expect(magnification({ a: 0.03, b: 0.01, angle: 0 }, 100)).toBe(7);
  expect(magnification({ a: 0.001, b: 0.001, angle: 0 }, 100)).toBe(16);
});

test("numbers of a code go by KL, or by variance, and those that never vary are asleep", () => {
  const codes = Float32Array.of(1, 0, 3, -1, 0, -3); // two rows: variances 1, 0 and 9
  expect(tellingOf(codes, 3)).toEqual([
    { number: 2, value: 9, asleep: false },
    { number: 0, value: 1, asleep: false },
    { number: 1, value: 0, asleep: true },
  ]);
  // The same codes with σ = 1: a KL of half the square of the mean.
  const posteriors = Float32Array.of(1, 0, 3, 1, 1, 1, -1, 0, -3, 1, 1, 1);
  expect(tellingOf(codes, 3, posteriors).map(({ number, value }) => [number, value])).toEqual([
    [2, 4.5],
    [0, 0.5],
    [1, 0],
  ]);
});

let page: Page;

test.describe("in the page", () => {
  test.skip(!long, onlyLong);
  test.skip(withoutBrowser, NO_BROWSER);
  test.beforeAll(async ({ playground }) => {
    page = await playground.open();
  });
  test.afterAll(async () => {
    await page?.close();
  });

  test("what is held shows its cloud, its draws and its spread; the foot shows what each number says", async ({
    playground,
  }) => {
    const settings = "#v=1&learningRate=0.01&epochs=1&pictures=500&hidden=%5B15%5D&latent=6&posterior=full&play=1";
    await page.goto(playground.address + settings);
    await expect(page.getByRole("status").first()).toContainText("Done");
    const bars = page.getByRole("img", { name: /^KL by dimension: z.\s.*nats$/ });
    await expect(bars).toBeVisible();
    await expect(bars.locator(".bar")).toHaveCount(6);

    const before = await pixelsOf(page, ".ground .marks");
    await page.getByRole("button", { name: "Random" }).click();
    await expect(page.getByRole("img", { name: "Draw 6" })).toBeVisible();
    await expect.poll(() => pixelsOf(page, ".ground .marks")).not.toBe(before);

    // Sliders stand in the order of the bars, and pulling one makes another picture.
    const order = await bars.locator(".bar span").allTextContents();
    const sliders = await page.locator(".number > span").allTextContents();
    const digits = "₀₁₂₃₄₅₆₇₈₉";
    expect(sliders.map((name) => String(digits.indexOf(name[1])))).toEqual(order);
    const redrawing = await pixelsOf(page, "canvas.large");
    await page.locator(".number input").first().focus();
    await page.keyboard.press("End");
    await expect.poll(() => pixelsOf(page, "canvas.large")).not.toBe(redrawing);
    await expect(page.getByRole("heading", { name: "A place on the map" })).toBeVisible();

    await page.locator(".kl").getByText("as numbers").click();
    await expect(page.locator(".kl").getByRole("row")).toHaveCount(7);
    expect(playground.problems).toEqual([]);
  });

  test("of two numbers the code is told with its spread; without a posterior there is no cloud", async ({
    playground,
  }) => {
    await page.goto("about:blank");
    await page.goto(`${playground.address}#v=1&epochs=1&pictures=500&hidden=%5B15%5D&play=1`);
    await expect(page.getByRole("status").first()).toContainText("Done");
    await page.getByRole("button", { name: "Random" }).click();
    await expect(page.getByText(/^code .*\d ± \d.*, .*\d ± \d/)).toBeVisible();

    await page.goto("about:blank");
    await page.goto(`${playground.address}#v=1&family=ae&epochs=1&pictures=500&hidden=%5B15%5D&play=1`);
    await expect(page.getByRole("status").first()).toContainText("Done");
    await expect(page.getByRole("img", { name: /^Spread: z/ })).toBeVisible();
    await page.getByRole("button", { name: "Random" }).click();
    await expect(page.getByText(/^code /)).toBeVisible();
    await expect(page.getByText("Six draws")).toHaveCount(0);
    expect(playground.problems).toEqual([]);
  });
});
