import fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { expect, test } from "@playwright/test";
import { readTuned, saveTuned, tunedFile } from "../../src/cli/tuned-file.ts";
import { adapterKey } from "../../src/gpu/device.ts";
import type { Host } from "../../src/host/job.ts";
import { enterTemporaryFolder, filesBelow, leaveTemporaryFolder } from "./support.ts";

const { XDG_CACHE_HOME } = process.env;
test.beforeEach(async () => {
  await enterTemporaryFolder();
  process.env.XDG_CACHE_HOME = process.cwd();
});
test.afterEach(async () => {
  if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
  await leaveTemporaryFolder();
});

const host = (version: string): Host => ({ kind: "chromium", version, run: async () => {}, close: async () => {} });
const here = host("Chromium 156.0.8078.79");
const adapter = { vendor: "google", architecture: "swiftshader", device: "", description: "", fallback: true };
const another = { ...adapter, vendor: "mesa" };
const silent = (line: string) => expect(line, "nothing is to be said").toBe("");

test("what was measured is kept for each adapter, and added to", async () => {
  expect(await readTuned(here, silent)).toEqual({});
  const path = await saveTuned(
    here,
    adapter,
    { "matmul NN 8x8x8": "subgroup 8", "matmul TN 8x8x8": "register 4" },
    silent,
  );
  await saveTuned(here, adapter, { "matmul NN 8x8x8": "general 16 / 2" }, silent);
  await saveTuned(here, another, { "matmul NN 8x8x8": "register 4" }, silent);
  expect(path).toBe(tunedFile(here));
  expect(await readTuned(here, silent)).toEqual({
    [adapterKey(adapter)]: { "matmul NN 8x8x8": "general 16 / 2", "matmul TN 8x8x8": "register 4" },
    [adapterKey(another)]: { "matmul NN 8x8x8": "register 4" },
  });
});

test("another version of the browser, or of the kernels, has another file", async () => {
  expect(basename(tunedFile(here))).toMatch(/^chromium-156\.0\.8078\.79-[0-9a-f]{8}\.json$/);
  expect(basename(tunedFile(host("Dawn (webgpu 0.6.2)")))).toMatch(/^dawn-webgpu-0\.6\.2-[0-9a-f]{8}\.json$/);
  await saveTuned(here, adapter, { "matmul NN 8x8x8": "subgroup 8" }, silent);
  expect(await readTuned(host("Chromium 157.0.0.0"), silent)).toEqual({});
});

test("a file is replaced as a whole: who reads the old one reads it to its end, and nothing else is left behind", async () => {
  const path = await saveTuned(here, adapter, { "matmul NN 8x8x8": "subgroup 8" }, silent);
  const before = await fs.readFile(path, "utf8");
  const reader = await fs.open(path);
  await saveTuned(here, adapter, { "matmul NN 8x8x8": "register 4" }, silent);
  expect(await reader.readFile("utf8")).toBe(before);
  await reader.close();
  expect(await filesBelow(process.cwd())).toEqual([join("reparam", "tuned", basename(path))]);
});

test("a damaged file is ignored with one remark, and made anew", async () => {
  const path = tunedFile(here);
  await fs.mkdir(dirname(path), { recursive: true });
  for (const damage of ['{"adapters": {"a', "null", "[]", '{"adapters": 7}', ""]) {
    await fs.writeFile(path, damage);
    const lines: string[] = [];
    expect(await readTuned(here, (line) => lines.push(line))).toEqual({});
    expect(lines.length, damage).toBe(damage.includes("7") ? 0 : 1); // a number holds no adapters, and harms nobody
    if (lines[0])
      expect(lines[0]).toMatch(/\.json is of no use and is ignored \(.*\): `reparam bench --tune` makes it anew\.$/);
  }
  await saveTuned(here, adapter, { "matmul NN 8x8x8": "register 4" }, () => {});
  expect(await readTuned(here, silent)).toEqual({ [adapterKey(adapter)]: { "matmul NN 8x8x8": "register 4" } });
});

test("entries that are no choice of this version are left out", async () => {
  const path = tunedFile(here);
  await fs.mkdir(dirname(path), { recursive: true });
  const table = { a: "register 4", b: "quantum 8", c: 7, d: "register 0", e: "register 4 / 0", f: null };
  await fs.writeFile(path, JSON.stringify({ adapters: { x: table, y: null } }));
  expect(await readTuned(here, silent)).toEqual({ x: { a: "register 4" }, y: {} });
});

test("without a home there is nothing kept, and nothing to say of it", async () => {
  await fs.writeFile("reparam", "a file in the way");
  expect(await readTuned(here, silent)).toEqual({});
});

test("a folder that cannot be made is an error in words", async () => {
  await fs.writeFile("reparam", "a file in the way");
  await expect(saveTuned(here, adapter, {}, () => {})).rejects.toMatchObject({
    code: "io",
    message: expect.stringMatching(
      /could not be written: a (part of the path is a file|file of that name is in the way)\.$/,
    ),
  });
});
