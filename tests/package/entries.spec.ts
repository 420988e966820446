import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { candidatesHere } from "../../src/host/browser.ts";
import { openPage, sharedBrowser } from "../support/browser.ts";
import { long } from "../support/long.ts";
import { serveFolder } from "../support/serve-folder.ts";
import { type Installed, installPacked } from "./support.ts";

// What package.json names, in the package as npm would publish it.

const checkout = fileURLToPath(new URL("../../", import.meta.url));

let installed: Installed;
let library: string;
let manifest: { exports: Record<string, { types: string; default: string } | string>; [key: string]: unknown };

test.beforeAll(async () => {
  installed = await installPacked();
  library = join(installed.folder, "node_modules/reparam");
  manifest = JSON.parse(readFileSync(join(library, "package.json"), "utf8"));
});
test.afterAll(() => installed?.dispose());

/** The entries by their name, without the manifest itself. */
const entries = () =>
  Object.entries(manifest.exports).flatMap(([name, entry]) => (typeof entry === "string" ? [] : [{ name, ...entry }]));

test("installing it brings no other package but the command line's, which can be left out", () => {
  expect(manifest.dependencies).toBeUndefined();
  expect(Object.keys(manifest.optionalDependencies as object)).toEqual(["commander", "playwright-core"]);
  expect(entries().map(({ name }) => name)).toEqual([
    ...[".", "./bench", "./decode", "./formats", "./selftest", "./tune", "./view", "./worker"],
    "./reparam.min.js",
  ]);
});

/** Every file that an entry leads to, and what these import that is no file of the package. */
function reached(entry: string): { files: ReadonlySet<string>; strangers: string[] } {
  const files = new Set<string>();
  const strangers: string[] = [];
  const queue = [join(library, entry)];
  while (queue.length > 0) {
    const file = queue.pop()!;
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    for (const [, name] of text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"([^"\n]+)"/g)) {
      const path = join(dirname(file), name);
      const target = file.endsWith(".d.ts") ? path.replace(/\.[jt]s$/, ".d.ts") : path;
      if (!name.startsWith(".")) strangers.push(`${file.slice(library.length)} imports ${name}`);
      else if (existsSync(target)) queue.push(target);
      else strangers.push(`${file.slice(library.length)} imports ${name}, which is not there`);
    }
  }
  return { files, strangers };
}

test("what runs in a page imports no other package, and neither do its types", () => {
  for (const { name, types, default: code } of entries()) {
    expect(reached(code).strangers, name).toEqual([]);
    expect(reached(types).strangers, name).toEqual([]);
  }
  expect(reached("dist/reparam.min.js").files.size).toBe(1);
  expect(reached("dist/cli/main.js").strangers.map((line) => line.replace(/.* imports /, ""))).toContain("commander");
  const packed = readdirSync(join(library, "dist/vendor"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const licences = readFileSync(join(library, "dist/vendor/LICENSES.md"), "utf8");
  expect(packed.length).toBeGreaterThan(4);
  for (const { name } of packed) expect(licences).toContain(`## ${name} `);
});

test("the command works with its packages, and says what is missing without them", () => {
  const { bin } = manifest as unknown as { bin: { reparam: string } };
  const run = () => spawnSync(process.execPath, [join(library, bin.reparam), "--version"], { encoding: "utf8" });
  const without = run();
  expect(without).toMatchObject({ status: 1, stdout: "" });
  expect(without.stderr).toBe(
    "reparam: the command line's packages were left out: run `npm install commander playwright-core`.\n",
  );
  for (const name of Object.keys(manifest.optionalDependencies as object)) {
    symlinkSync(join(checkout, "node_modules", name), join(installed.folder, "node_modules", name), "junction");
  }
  expect(run()).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test("every entry can be imported in Node, where there is no WebGPU, and says so when it is asked for", () => {
  const names = entries().map(({ name }) => `reparam${name.slice(1)}`);
  const script = `
    const loaded = await Promise.all(${JSON.stringify(names)}.map((name) => import(name)));
    const { missingWebGpu, requestDevice } = loaded[0];
    const error = await requestDevice().catch(({ name, code, message }) => ({ name, code, message }));
    console.log(JSON.stringify({ counts: loaded.map((module) => Object.keys(module).length), missing: missingWebGpu(), error }));`;
  const file = join(installed.folder, "import-all.mjs");
  writeFileSync(file, script);
  const { counts, missing, error } = JSON.parse(execFileSync(process.execPath, [file], { encoding: "utf8" }));
  expect(counts.every((count: number) => count > 0)).toBe(true);
  expect(missing).toMatch(/^There is no WebGPU here: Node has it by the package webgpu, /);
  expect(error).toEqual({ name: "ReparamError", code: "device", message: missing });
});

test("every entry can be imported in a page without navigator.gpu, secure or not, which gets a sentence to show", async () => {
  test.skip(candidatesHere().length === 0, "no Chromium is installed: set CHROME_PATH, or see `reparam doctor`");
  const site = await serveFolder(installed.folder, { extra: { "/empty.html": "<!doctype html>" } });
  const browser = await sharedBrowser();
  try {
    for (const secure of [true, false]) {
      const page = await openPage(browser);
      const origin = secure ? site.origin : `http://reparam.test:${new URL(site.origin).port}`;
      await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "gpu"));
      await page.goto(`${origin}/empty.html`);
      const found = await page.evaluate(
        async (paths) => {
          const loaded = await Promise.all(paths.map((path) => import(path)));
          const error = await loaded[0].requestDevice().catch(({ message }: Error) => message);
          return {
            gpu: "gpu" in navigator,
            counts: loaded.map((module) => Object.keys(module).length),
            missing: loaded[0].missingWebGpu() as string,
            error,
          };
        },
        entries()
          .slice(0, secure || long ? undefined : 1)
          .map(({ default: code }) => `/node_modules/reparam/${code.slice(2)}`),
      );
      expect(found.gpu).toBe(false);
      expect(found.counts.every((count) => count > 0)).toBe(true);
      expect(found.missing).toMatch(
        secure
          ? /^There is no WebGPU here: Chrome and Edge .* Firefox's about:config\)\.$/
          : /open it over https or from localhost\.$/,
      );
      expect(found.error).toBe(found.missing);
      await page.close();
    }
  } finally {
    site.close();
  }
});

test("its types are enough for a strict app that has nothing else installed", () => {
  const app = join(installed.folder, "app.ts");
  writeFileSync(
    app,
    `import { decoderFile, digits, fit, requestDevice, vae } from "reparam";
import { defineKernel } from "reparam/bench";
import { openDecoder } from "reparam/decode";
import { encodePng } from "reparam/formats";
import { selfTest } from "reparam/selftest";
import { tune } from "reparam/tune";
import { createTrainer } from "reparam/worker";
const model = vae({ input: [28, 28, 1], hidden: [400], latent: 20, likelihood: "bernoulli" });
const run = fit(await requestDevice(), model, digits(), { learningRate: 1e-3, learningRateSchedule: { name: "cosine" } });
for await (const { test } of run) { const loss: number = test.loss; console.log(loss); }
// @ts-expect-error a latent is a number
vae({ input: [28, 28, 1], latent: "many" });
// @ts-expect-error there is no such option
fit(await requestDevice(), model, digits(), { batchsize: 3 });
const shape: readonly number[] = (await openDecoder(decoderFile(model, await run.checkpoint()))).shape;
console.log(shape, defineKernel, encodePng, selfTest, tune, createTrainer);
`,
  );
  const config = {
    compilerOptions: {
      target: "ES2023",
      module: "NodeNext",
      lib: ["ES2023", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    },
    files: ["app.ts"],
  };
  writeFileSync(join(installed.folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(installed.folder, "package.json"), '{ "type": "module" }');
  let said = "";
  try {
    execFileSync(process.execPath, [join(checkout, "node_modules/typescript/bin/tsc"), "-p", installed.folder], {
      encoding: "utf8",
    });
  } catch (error) {
    said = (error as { stdout: string }).stdout;
  }
  expect(said).toBe("");
});
