import { expect } from "@playwright/test";
import { zipSync } from "fflate";
import type { Page } from "playwright-core";
import { curveBefore } from "../../demo/lab/curve-before.ts";
import { earlier } from "../../demo/lab/earlier-runs.ts";
import { examplesOf } from "../../demo/lab/examples.ts";
import { errorText } from "../../demo/lab/open-files.ts";
import { decodeDataset, encodeDataset } from "../../demo/lab/own-data.ts";
import { inOwnUnits } from "../../demo/lab/own-units.ts";
import { pulled } from "../../demo/lab/pulled.ts";
import { BEGINNING } from "../../demo/lab/settings.ts";
import { running } from "../../demo/lab/state.ts";
import { countWords, fewWords, scalingWords, sizeWords } from "../../demo/panels/data-words.ts";
import { readDataset } from "../../src/data/read-dataset.ts";
import { encodeIdx } from "../../src/formats/idx.ts";
import { encodeNpz } from "../../src/formats/npz.ts";
import { encodePng } from "../../src/formats/png.ts";
import { long, onlyLong } from "../support/long.ts";
import { contrast, NO_BROWSER, pixelsOf, test, withoutBrowser } from "./playground.ts";

// A person's own data: read in the page, learned from in the worker.

const SIDE = 8;
const COUNT = 40;

/** Bars that lie and bars that stand, each at another place: [count, 8, 8]. */
const bars = Uint8Array.from({ length: COUNT * SIDE * SIDE }, (_, k) => {
  const [index, y, x] = [Math.floor(k / SIDE ** 2), Math.floor(k / SIDE) % SIDE, k % SIDE];
  return (index % 2 ? x : y) === Math.floor(index / 2) % SIDE ? 255 : 0;
});
const kinds = Uint8Array.from({ length: COUNT }, (_, index) => index % 2);

const zipOfPictures = zipSync(
  Object.fromEntries(
    Array.from({ length: COUNT }, (_, index) => {
      const pixels = bars.slice(index * SIDE ** 2, (index + 1) * SIDE ** 2);
      const name = `bars/${index % 2 ? "standing" : "lying"}/${index}.png`;
      return [name, encodePng({ width: SIDE, height: SIDE, channels: 1, pixels })];
    }),
  ),
);

test("the classes of a zip of folders of pictures are those that the map shows", async () => {
  const data = await readDataset([{ name: "bars.zip", bytes: zipOfPictures }]);
  expect(data.fields.x.shape).toEqual([SIDE, SIDE, 1]);
  expect(data.train.count + data.test.count).toBe(COUNT);
  const seen = examplesOf(data);
  expect(seen.classes).toEqual(["lying", "standing"]);
  expect(seen.slots).toEqual([0, 1]);
  expect(seen.count).toBe(COUNT / 10);
  expect(Math.max(...seen.x)).toBe(1);
});

test("a person's own data are the same after they were kept", async () => {
  const data = await readDataset([{ name: "bars.zip", bytes: zipOfPictures }]);
  const again = decodeDataset(encodeDataset(data));
  const { rows: _, ...train } = data.train;
  const { rows: __, ...test } = data.test;
  expect(again).toEqual({ ...data, train, test });
});

test("a line that is pulled goes through the place where it is held, and is as it was far from there", () => {
  const line = pulled(new Float32Array(101), 0.5, 2);
  expect(line[50]).toBe(2);
  expect(line[54]).toBeCloseTo(2 * Math.exp(-0.5), 6);
  expect(line[0]).toBeCloseTo(0, 6);
});

test("of more than ten classes the ten largest have a colour", () => {
  const label = Uint8Array.from({ length: 66 }, (_, k) => Math.floor((Math.sqrt(8 * k + 1) - 1) / 2)); // 1 of 0, 2 of 1, …
  const { slots } = examplesOf({
    name: "many",
    fields: {
      x: { kind: "vector", shape: [1], store: "f32" },
      label: { kind: "label", shape: [], store: "u8", classes: 11 },
    },
    train: { count: 0, values: {} },
    test: { count: 66, values: { x: new Float32Array(66), label } },
  });
  expect(slots).toEqual([-1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
});

test("data are told in words: how large, how many, too few, and how they were scaled", async () => {
  const { fields } = await readDataset([{ name: "bars.zip", bytes: zipOfPictures }]);
  expect(sizeWords({ ...fields.x, shape: [32, 48, 1] })).toBe("48 × 32 pixels each"); // width before height
  expect(countWords(12_000, 2000)).toBe("12,000 to learn from, 2,000 held out.");
  expect(fewWords(36)).toMatch(/^36 are so few that a model learns them by heart/);
  expect(fewWords(200)).toBeUndefined();
  expect(scalingWords(fields.x)).toBeUndefined();
  const table = { name: "table.csv", bytes: new TextEncoder().encode("a,b\n1,20\n2,30\n4,10\n") };
  const scaled = await readDataset([table], { scale: "unit" });
  expect(sizeWords(scaled.fields.x)).toBe("2 numbers each");
  expect(scalingWords(scaled.fields.x)).toMatch(/^Each column is scaled to 0 to 1/);
});

test("a number is told in its table's units, to a hundredth of what its column spans; a series has one scale for all", () => {
  const columns = { center: [0, 1000, 0.5], spread: [6, 2000, 0.01] };
  expect([0, 1, 2].map((k) => inOwnUnits(0.5, k, columns))).toEqual(["3.00", "2000", "0.5050"]);
  expect(inOwnUnits(1, 7, { center: [10], spread: [20] })).toBe("30.0");
});

test("of a column of words the page says what helps", async () => {
  const table = { name: "people.csv", bytes: new TextEncoder().encode("a,b,kind\n1,2,a\n2,3,b\n3,4,a\n") };
  const error = await readDataset([table]).catch((error: unknown) => error);
  expect(errorText(error)).toBe(
    'people.csv: line 2, column kind is "a", no number. Call the column label to colour the map by it, or leave it out.',
  );
});

test("the curve of the run before is drawn where both are of one family and of the same data", () => {
  const curve = [{ step: 1, terms: { loss: 3 } }];
  const rest = { epochs: curve, losses: [], moments: [], step: 1, latent: 2, stepsPerSecond: 0 };
  earlier.value = [{ ...rest, settings: BEGINNING }];
  running.value = { ...BEGINNING, seed: 8 };
  expect(curveBefore.value).toBe(curve);
  running.value = { ...BEGINNING, data: "table.csv" };
  expect(curveBefore.value).toBeUndefined();
  running.value = { ...BEGINNING, family: "ae" };
  expect(curveBefore.value).toBeUndefined();
  earlier.value = [];
  running.value = undefined;
});

let page: Page;
const small = "#v=1&epochs=1&hidden=%5B%5D&pictures=500";

test.describe("in the page", () => {
  test.skip(withoutBrowser, NO_BROWSER);
  test.beforeAll(async ({ playground }) => {
    page = await playground.open();
  });
  test.afterAll(async () => {
    await page?.close();
  });

  test("files are dropped anywhere; the page says before what becomes of them, and a run starts on them", async ({
    playground,
  }) => {
    await page.goto(playground.address + small);
    const status = page.getByRole("status").first();
    await expect(status).toContainText("Ready");
    const dropped = await page.evaluateHandle(
      (bytes) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(bytes)], "bars.zip"));
        return transfer;
      },
      [...zipOfPictures],
    );
    await page.dispatchEvent("body", "dragover", { dataTransfer: dropped });
    await expect(page.getByText("Let go of it, and a new run learns from what is inside.")).toBeVisible();
    await page.dispatchEvent("body", "drop", { dataTransfer: dropped });
    await expect(page.getByText("Let go of it")).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Yours" })).toHaveAttribute("aria-pressed", "true");
    await expect(page.getByText("8 × 8 pixels each")).toBeVisible();
    await expect(page.getByText("36 to learn from, 4 held out.")).toBeVisible();
    await expect(page.getByText("36 are so few that a model learns them by heart")).toBeVisible();
    await expect(page.getByText("Now it learns from bars.zip. The run that was there stays in Compare.")).toBeVisible();
    await expect(status).toContainText("Done");
    await expect.poll(() => contrast(page, ".ground canvas")).toBeGreaterThan(100);
    await expect(page.getByRole("group", { name: "Show only a class" }).getByRole("button")).toHaveText([
      "lying",
      "standing",
    ]);
    expect(playground.problems).toEqual([]);
  });

  test("the run on a person's files and its data are there after a reload", async ({ playground }) => {
    test.skip(!long, onlyLong);
    const status = page.getByRole("status").first();
    await page.getByRole("button", { name: "Random" }).click();
    await expect(page.getByRole("heading", { name: /^Held-out (lying|standing)$/ })).toBeVisible();
    await expect.poll(() => contrast(page, "canvas.large")).toBeGreaterThan(0);
    await page.reload();
    await expect(status).toHaveText(/^Welcome back, step 1/);
    await expect(page.getByRole("button", { name: "Yours" })).toHaveAttribute("aria-pressed", "true");
    await expect(page.getByText("36 to learn from, 4 held out.")).toBeVisible();
    await page.getByRole("button", { name: "Start again" }).click();
    await expect(status).toContainText("Done");
    expect(playground.problems).toEqual([]);
  });

  test("IDX, .npz and CSV files are chosen; what cannot be used is told in a line, and what was there stays", async ({
    playground,
  }) => {
    test.skip(!long, onlyLong);
    await page.goto("about:blank");
    await page.goto(playground.address + small);
    const input = page.getByLabel("Files to learn from");
    const status = page.getByRole("status").first();
    await expect(status).toContainText("Ready");
    const table = ["a,b,c,kind", ...Array.from(kinds, (kind, k) => `${k},${k % 7},${kind ? -k : k},${kind}`)];
    const files = [
      ["bars-idx3-ubyte", encodeIdx({ shape: [COUNT, SIDE, SIDE], data: bars }), "8 × 8 pixels each"],
      [
        "bars.npz",
        encodeNpz({ x: { shape: [COUNT, SIDE, SIDE], data: bars }, y: { shape: [COUNT], data: kinds } }),
        "8 × 8 pixels each",
      ],
      ["table.csv", Buffer.from(table.join("\n")), "4 numbers each"],
    ] as const;
    for (const [name, bytes, found] of files) {
      await input.setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) });
      await expect(page.locator(".data summary").last()).toHaveText(name);
      await expect(page.getByText(found)).toBeVisible();
      await expect(status).toContainText("Done");
    }
    // Of numbers, what was done to them is said, an example is there without a press, and no code is offered that is no shorter.
    await expect(page.getByText("Each column is scaled to 0 to 1, by its least and its largest number.")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1, name: /^Held-out/ })).toBeVisible();
    await expect.poll(() => contrast(page, "canvas.large")).toBeGreaterThan(5);
    // Its numbers are the table's own, 0 to 6 in this column.
    const slider = page.getByRole("slider", { name: "b", exact: true });
    await expect(slider).toHaveAttribute("aria-valuetext", /^[0-6]\.\d\d$/);
    await slider.press("End");
    await expect(slider).toHaveAttribute("aria-valuetext", "6.00");
    await expect(page.locator(".kl").getByText(/in use/)).toBeVisible();
    await expect(page.getByRole("button", { name: "try 10 numbers" })).toHaveCount(0);
    const wrong = Buffer.from("a,b\n1,2\n3,high\n4,5\n");
    await input.setInputFiles({ name: "wrong.csv", mimeType: "text/csv", buffer: wrong });
    await expect(page.getByRole("alert")).toHaveText(
      'wrong.csv: line 3, column b is "high", no number. Call the column label to colour the map by it, or leave it out.',
    );
    await expect(page.getByText("4 numbers each")).toBeVisible();
    await input.setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("nothing of use") });
    await expect(page.getByRole("alert")).toContainText("notes.txt");
    expect(playground.problems).toEqual([]);
  });

  test("data that the library draws are one button away: points, and pictures of another size", async ({
    playground,
  }) => {
    test.skip(!long, onlyLong);
    for (const [name, what] of [
      ["Ring", "2 numbers each"],
      ["Shapes", "64 × 64 pixels each"],
    ]) {
      await page.goto("about:blank");
      await page.goto(`${playground.address}#v=1&epochs=1&hidden=%5B15%5D&pictures=200`);
      await expect(page.getByRole("status").first()).toContainText("Ready");
      if (name === "Ring") await page.locator(".data summary").click();
      await page.getByRole("button", { name, exact: true }).click();
      await expect(page.getByText(what)).toBeVisible();
      expect(new URL(page.url()).hash).toContain(`data=${name.toLowerCase()}`);
      await page.getByRole("button", { name: /^(Train|Start again)$/ }).click();
      await expect(page.getByRole("status").first()).toContainText("Done");
      await expect.poll(() => contrast(page, ".ground canvas")).toBeGreaterThan(100);
      await page.getByRole("button", { name: "Random" }).click();
      await expect(page.getByRole("heading", { level: 1, name: /^Held-out/ })).toBeVisible();
      await expect.poll(() => contrast(page, "canvas.large")).toBeGreaterThan(0);
      if (name !== "Ring") continue;
      // Numbers are set by sliders, and the model answers.
      const before = await pixelsOf(page, "canvas.large");
      await page.getByRole("slider", { name: "x1" }).press("Home");
      await expect(page.getByRole("heading", { level: 1, name: "Your example" })).toBeVisible();
      await expect.poll(() => pixelsOf(page, "canvas.large")).not.toBe(before);
    }
    expect(playground.problems).toEqual([]);
  });

  test("pictures that are wider than high keep their shape, and a drawing of another size is gone", async ({
    playground,
  }) => {
    test.skip(!long, onlyLong);
    await page.goto("about:blank");
    await page.goto(playground.address + small);
    await expect(page.getByRole("status").first()).toContainText("Ready");
    const pad = page.locator("canvas.pad");
    const draw = async () => {
      const { x, y, width, height } = (await pad.boundingBox())!;
      await page.mouse.move(x + 0.5 * width, y + 0.1 * height);
      await page.mouse.down();
      await page.mouse.move(x + 0.5 * width, y + 0.9 * height, { steps: 4 });
      await page.mouse.up();
      await expect(page.getByRole("heading", { name: "Your drawing" })).toBeVisible();
    };
    await draw();
    const wide = bars.filter((_, k) => Math.floor(k / SIDE) % SIDE < SIDE / 2); // the upper halves, 8 x 4
    const bytes = encodeIdx({ shape: [COUNT, SIDE / 2, SIDE], data: wide });
    await page.getByLabel("Files to learn from").setInputFiles({
      name: "wide-idx3-ubyte",
      mimeType: "application/octet-stream",
      buffer: Buffer.from(bytes),
    });
    await expect(page.getByText("8 × 4 pixels each")).toBeVisible();
    await expect(page.getByRole("status").first()).toContainText("Done");
    await expect(page.getByRole("heading", { name: "Draw something" })).toBeVisible();
    expect(await contrast(page, "canvas.pad")).toBeLessThan(0); // nothing is there
    const { width, height } = (await pad.boundingBox())!;
    expect(width / height).toBeCloseTo(2, 1);
    await expect(page.locator("canvas.large")).toHaveCSS("object-fit", "contain");

    // What is drawn from top to bottom goes from top to bottom, as thick as the pen is.
    await draw();
    await expect.poll(() => contrast(page, "canvas.large")).toBeGreaterThan(0);
    await page.locator("canvas.pad").press("i"); // what the model gets, in pixels
    await page.locator("canvas.pad").press("i");
    const inked = await pad.evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      const rows = new Set<number>();
      for (let k = 3; k < data.length; k += 4) if (data[k] > 64) rows.add(Math.floor(k / 4 / canvas.width));
      return rows.size / canvas.height;
    });
    expect(inked).toBeGreaterThanOrEqual(0.75);
    expect(playground.problems).toEqual([]);
  });
});
