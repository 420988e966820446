import { expect, test } from "@playwright/test";
import { own } from "../../demo/lab/examples.ts";
import { BEGINNING } from "../../demo/lab/settings.ts";
import { partsOf } from "../../demo/lab/sources.ts";
import { codeOf } from "../../demo/lab/ten-lines.ts";
import type { Dataset } from "../../src/data/dataset.ts";

// What "How it works" gives away: code that is whole, and where to read on.

/** Runs the copied code with stand-ins for the library and the page, and gives what the library was called with. */
async function called(code: string): Promise<Record<string, unknown[]>> {
  const calls: Record<string, unknown[]> = {};
  const library = new Proxy(
    {},
    {
      get:
        (_, name: string) =>
        (...given: unknown[]) => {
          calls[name] = given;
          return name === "fit" ? [{ epoch: 1, test: {} }] : name;
        },
    },
  );
  const input = { files: ["a.png", "b.png"], addEventListener: (_: string, chosen: () => void) => chosen() };
  const page = { createElement: () => input, body: { append: () => {} } };
  const body = code.replace(/^import (\{.*\}) from "reparam";/, "const $1 = library;");
  expect(body).not.toBe(code);
  const run = Object.getPrototypeOf(async () => {}).constructor(
    "library",
    "document",
    "console",
    `"use strict";${body}`,
  );
  await run(library, page, { log: () => {} });
  return calls;
}

test("the copied code runs as it is, on what the library draws and on a person's own files", async () => {
  const drawn = await called(codeOf(BEGINNING));
  expect(drawn.vae).toEqual([{ data: "digits", ...BEGINNING.options }]);
  expect(drawn.digits).toEqual([{ trainCount: 12_000, testCount: 2000 }]);

  const split = { count: 3, values: {} };
  const fields = { x: { kind: "vector", shape: [2], store: "f32" } } as const;
  own.value = { name: "mine", fields, train: split, test: split } as Dataset;
  const read = await called(codeOf({ ...BEGINNING, data: "mine", pictures: 3 }));
  own.value = undefined;
  expect(read.readDataset).toEqual([["a.png", "b.png"], { missing: "drop", scale: "unit" }]);
  expect(read.fit.slice(1)).toEqual([
    "vae",
    "readDataset",
    { epochs: 30, batchSize: 3, learningRate: 0.0015, seed: 7 },
  ]);
});

test("addresses, arXiv's numbers and DOIs in a reference are links; all else is text", () => {
  const links = (reference: string) => {
    const parts = partsOf(reference);
    expect(parts.map(({ text }) => text).join("")).toBe(reference.replaceAll("https://", ""));
    return parts.flatMap(({ href }) => href ?? []);
  };
  expect(links("Kingma and Welling 2013, arXiv:1312.6114")).toEqual(["https://arxiv.org/abs/1312.6114"]);
  expect(links("Hinton 2006, doi:10.1126/science.1127647.")).toEqual(["https://doi.org/10.1126/science.1127647"]);
  expect(links("A 2015, https://arxiv.org/abs/1505.05770; B 2016, https://keras.io/examples/generative/vae")).toEqual([
    "https://arxiv.org/abs/1505.05770",
    "https://keras.io/examples/generative/vae",
  ]);
  expect(links("An unpublished note of 1998")).toEqual([]);
});
