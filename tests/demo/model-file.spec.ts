import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { embeddedParts } from "../../demo/lab/embed.ts";
import { interpreted } from "../../demo/lab/interpreted.ts";
import { describedModel, openedModel } from "../../demo/lab/model-file.ts";
import { BEGINNING, type Settings } from "../../demo/lab/settings.ts";
import { buildModel } from "../../src/config/config.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import { digits } from "../../src/data/digits.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { fit } from "../../src/train/fit.ts";
import { openCheckpoint, readWeights } from "../../src/train/read-checkpoint.ts";
import { encodeSealed } from "../../src/train/seal.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";
import { contrast, NO_BROWSER, pixelsOf, test, withoutBrowser } from "./playground.ts";

// Models from files and from links, and the page as a part of other pages.

const settings: Settings = {
  ...BEGINNING,
  options: { hidden: [16], latent: 2, initializer: "glorot" },
  epochs: 3,
  pictures: 256,
  seed: 11,
};

let file: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** A checkpoint of a short run, as the page saves it. */
const saved = () => (file ??= makeSaved());

async function makeSaved(): Promise<Uint8Array<ArrayBuffer>> {
  const data = digits({ trainCount: settings.pictures, testCount: 20 });
  const model = buildModel({ family: settings.family, ...settings.options }, { fields: data.fields, count: 1 });
  const { epochs, learningRate, seed } = settings;
  const run = fit(await sharedDevice(), model, data, { epochs, batchSize: 128, learningRate, seed });
  await run.finished;
  const bytes = await run.checkpoint();
  await run.dispose();
  return describedModel(bytes, settings);
}

test("a model that the page saved says what it is of, to the page and to the command line", async () => {
  const bytes = await saved();
  expect(await openedModel(bytes, "vae.safetensors")).toEqual({ name: "vae.safetensors", bytes, step: 6, settings });
  const { config } = decodeSafetensors(bytes, "vae.safetensors").metadata;
  const { model, training, seed, data } = resolveConfig({ file: { source: "it", values: JSON.parse(config) } });
  expect([model.family, model.hidden, model.latent, seed]).toEqual(["vae", [16], 2, 11]);
  expect([training.epochs, training.optimizer.learningRate]).toEqual([3, 0.0015]);
  expect([data.name, data.trainCount]).toEqual(["digits", 256]);

  // Names that every object has are no options, whatever a file says.
  const { tensors, metadata } = decodeSafetensors(bytes, "vae.safetensors");
  const said = JSON.parse(metadata.config);
  const strange = JSON.parse('{ "constructor": 1, "toString": 2, "__proto__": 3 }');
  const strangeConfig = JSON.stringify({ ...said, model: { ...said.model, ...strange } });
  const strangeFile = encodeSealed(tensors, { ...metadata, config: strangeConfig });
  expect((await openedModel(strangeFile, "vae.safetensors")).settings).toEqual(settings);

  await expect(openedModel(bytes.slice(0, 500), "cut.safetensors")).rejects.toThrow("cut.safetensors");
  const own = describedModel(bytes, { ...settings, data: "mine.csv" });
  const other = {
    ...digits({ trainCount: 1, testCount: 1 }),
    fields: { x: { kind: "vector", shape: [3], store: "f32" } },
  } as const;
  await expect(openedModel(own, "mine.safetensors", other)).rejects.toThrow(
    "mine.safetensors was trained on examples of shape [28,28,1]: drop those files first, then the model.",
  );
  const onOwn = await openedModel(own, "mine.safetensors", digits({ trainCount: 1, testCount: 1 }));
  expect(onOwn.settings.data).toBe("digits");
});

test("plain JavaScript gives what the GPU gives", async () => {
  const data = digits({ trainCount: settings.pictures, testCount: 20 });
  const model = buildModel({ family: settings.family, ...settings.options }, { fields: data.fields, count: 1 });
  const run = fit(await sharedDevice(), model, data, { epochs: 2, batchSize: 128, seed: 3 });
  await run.finished;
  const here = interpreted(model, readWeights(openCheckpoint(await run.checkpoint(), "it"), model.parameters));
  const x = Float32Array.from(data.test.values.x, (byte) => byte / 255); // 20 rows: more than one piece
  const pairs = [
    [await here.encode(x), await run.encode(x)],
    [await here.decode(Float32Array.of(0.5, -1, 2, 0)), await run.decode([0.5, -1, 2, 0])],
    [await here.reconstruct(x), await run.reconstruct(x)],
    [await here.use("posterior", 20, { x }), await run.use("posterior", 20, { x })],
  ];
  for (const [a, b] of pairs) {
    expect(a.length).toBe(b.length);
    const far = a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);
    expect(far).toBeLessThan(1e-4);
  }
  await run.dispose();
});

test("what another page shows is what it lists", () => {
  expect(embeddedParts("")).toBeUndefined();
  expect([...embeddedParts("?embed=map,draw,train")!]).toEqual(["map", "draw", "train"]);
  expect([...embeddedParts("?embed=train, map,nothing")!]).toEqual(["map", "train"]);
  expect([...embeddedParts("?embed=")!]).toEqual(["map"]);
});

let page: Page;

test.describe("in the page", () => {
  test.skip(withoutBrowser, NO_BROWSER);
  test.beforeAll(async ({ playground }) => {
    page = await playground.open();
  });
  test.afterAll(async () => {
    await page?.close();
  });

  test("a model is opened from a link: shown as it is", async ({ playground }) => {
    const status = page.getByRole("status").first();
    const body = Buffer.from(await saved());
    await page.route("**/there/mine.safetensors", (route) => route.fulfill({ body }));
    await page.goto(`${playground.address}?model=there/mine.safetensors`);
    await expect(status).toContainText("Model from a file");
    await expect(
      page.getByText("mine.safetensors: Variational, step 6, trained on 256 examples of digits."),
    ).toBeVisible();
    await expect.poll(() => contrast(page, ".ground canvas")).toBeGreaterThan(100);
    expect(new URL(page.url()).hash).toContain("epochs=3&seed=11&pictures=256&hidden=%5B16%5D");
    expect(playground.problems).toEqual([]);
  });

  test("a model from a link is explored and trained on, and another one is dropped", async ({ playground }) => {
    test.skip(!long, onlyLong);
    const status = page.getByRole("status").first();
    await page.getByRole("button", { name: "Explore" }).last().click();
    await page.getByRole("button", { name: "Random" }).click();
    await expect(page.getByRole("img", { name: "Draw 6" })).toBeVisible();
    await page.getByRole("button", { name: "Go on training" }).click();
    await expect(status).toContainText("Done");

    // The same by a drop.
    const dropped = await page.evaluateHandle(
      (bytes) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(bytes)], "dropped.safetensors"));
        return transfer;
      },
      [...(await saved())],
    );
    await page.dispatchEvent("body", "drop", { dataTransfer: dropped });
    await expect(page.getByText("dropped.safetensors: Variational, step 6")).toBeVisible();
    await expect(status).toContainText("Model from a file");
    expect(playground.problems).toEqual([]);
  });

  test("a link to a model that is not there is told in a line", async ({ playground }) => {
    await page.route("**/gone.safetensors", (route) => route.fulfill({ status: 404, body: "" }));
    await page.goto(`${playground.address}?model=gone.safetensors`);
    await expect(page.getByRole("alert")).toContainText("gone.safetensors cannot be read: the server says 404.");
    playground.problems.length = 0; // the browser tells of the 404 itself
  });

  test("embedded, the page is the parts that are asked for", async ({ playground }) => {
    test.skip(!long, onlyLong);
    await page.goto(`${playground.address}?embed=map,train#v=1&epochs=1&pictures=500&hidden=%5B15%5D`);
    await expect(page.getByRole("application", { name: "Map of codes" })).toBeVisible();
    await expect(page.getByRole("banner")).toHaveCount(0);
    await expect(page.getByRole("region", { name: "What you hold" })).toHaveCount(0);
    const before = await pixelsOf(page, ".ground canvas");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await expect(page.getByRole("status").first()).toContainText("Done");
    await expect.poll(() => pixelsOf(page, ".ground canvas")).not.toBe(before);
    await expect(page.getByRole("link", { name: "Open in reparam" })).toHaveAttribute("href", /#v=1&epochs=1/);
    expect(playground.problems).toEqual([]);
  });
});
