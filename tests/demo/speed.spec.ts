import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import type { BenchReport } from "../../src/bench/report.ts";
import { long, onlyLong } from "../support/long.ts";
import { NO_BROWSER, test, withoutBrowser } from "./playground.ts";

// What the page says of the machine: its kernels checked and timed, and what a step of the set model launches.

let page: Page;

test.skip(withoutBrowser, NO_BROWSER);
// The jobs that it runs are tested in tests/bench and tests/selftest.
test.skip(!long, onlyLong);

test.beforeAll(async ({ playground }) => {
  page = await playground.open();
  await page.goto(`${playground.address}#v=1&pictures=500&hidden=%5B16%5D`);
  await expect(page.getByRole("status").first()).toContainText("Ready");
});
test.afterAll(async () => {
  await page?.close();
});

test("the machine is checked against float64", async ({ playground }) => {
  await page.getByRole("button", { name: "Speed" }).click();
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByText(/^[1-9]\d* of \d+ checked, /)).toBeVisible();
  await expect(page.getByText(/^All \d+ are right\.$/)).toBeVisible();
  await page.getByText("all of them", { exact: true }).click();
  await expect(page.getByRole("row", { name: /^matmul/ }).first()).toBeVisible();
  expect(playground.problems).toEqual([]);
});

test("kernels are measured: a roofline, a table, and all of it as JSON", async ({ playground }) => {
  await page.getByLabel("Kernels").selectOption("gradient-norm");
  await page.getByRole("button", { name: "Measure" }).click();
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Roofline plot: 1 kernels under/ })).toBeVisible();
  // The check's table, which is open above, has a row of that name as well.
  const measured = page.getByRole("row", { name: /gradient-norm/ }).filter({ hasText: /\d\s?(s|ms|µs)/ });
  await expect(measured.first()).toBeVisible();
  // A headless browser's clipboard cannot be read.
  const copied = await page.evaluateHandle(() => {
    const texts: string[] = [];
    navigator.clipboard.writeText = async (text) => void texts.push(text);
    return texts;
  });
  await page.getByRole("button", { name: "Copy JSON" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const report = JSON.parse((await copied.jsonValue())[0]) as BenchReport;
  expect(report.kernels.map(({ kernel, status }) => [kernel, status])).toEqual([["gradient-norm", "ok"]]);
  expect(report.ceilings!.flopsPerSecond.median).toBeGreaterThan(0);
  expect(playground.problems).toEqual([]);
});

test("the plan of a step: each launch with its shapes and its WGSL, and the shares of time", async ({ playground }) => {
  await page.getByRole("button", { name: "How it works" }).click();
  const plan = page.getByRole("region", { name: "One training step" });
  await expect(plan.getByRole("row", { name: /^matmul\S* .*128x784x16/ }).first()).toBeVisible();
  await plan.getByRole("button", { name: "data/pick" }).first().click();
  await expect(plan.locator("pre")).toContainText("fn main(");
  await plan.getByRole("button", { name: "Measure the shares" }).click();
  await expect(plan.getByRole("img", { name: /^Shares of time, the largest: / })).toBeVisible();
  const shares = await plan.locator("tbody tr > td:nth-child(4)").allTextContents();
  const sum = shares.reduce((sum, text) => sum + Number.parseFloat(text), 0);
  expect(sum).toBeGreaterThan(95);
  expect(sum).toBeLessThan(105);
  expect(playground.problems).toEqual([]);
});
