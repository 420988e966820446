import { fileURLToPath } from "node:url";
import { test as base } from "@playwright/test";
import type { Page } from "playwright-core";
import { build } from "vite";
import { type Graph, type GraphJson, toJson } from "../../src/graph/graph.ts";
import { type ExecuteOptions, execute } from "../../src/runtime/execute.ts";
import { openPage, sharedBrowser } from "./browser.ts";
import { drivers, engineDevice } from "./dawn.ts";
import { long } from "./long.ts";
import type {} from "./page/execute.ts"; // declares what the page offers

/** Runs graphs on one GPU, wherever that is. */
export type Execute = (graph: Graph, options?: ExecuteOptions) => Promise<Record<string, Float32Array>>;

export interface PageRequest extends Omit<ExecuteOptions, "feeds"> {
  readonly graph: GraphJson;
  /** Base64 of f32 bytes. */
  readonly feeds: Readonly<Record<string, string>>;
  readonly baseline: boolean;
}

const CHROMIUM = "SwiftShader in Chromium";

/** Every place where a test of the engine's numbers runs. */
export const adapterNames: readonly string[] = [
  ...drivers.map((driver) => `Dawn on ${driver ?? "its default"}`),
  CHROMIUM,
];

/** Where most is compiled in least time, for tests that need one adapter and many kernels. */
export const quickAdapter = adapterNames[drivers.length - 1];

/**
 * Where tests with many kernels compute a share of them: everywhere but on the quick adapter, which computes them all.
 * lavapipe takes half a second and more to compile a kernel, and a browser twice what Dawn does. Nowhere in the long suite.
 */
export const isSlow = (name: string): boolean => !long && name !== quickAdapter;

/** The adapters of tests of what each driver computes in its own way: Chromium's SwiftShader is Dawn's, and is left to the long suite. */
export const driverAdapters: readonly string[] = long ? adapterNames : adapterNames.slice(0, -1);

/** The adapters of tests that would show the same on each, its kernels being held to float64 by others. */
export const quickAdapters: readonly string[] = long ? adapterNames : [quickAdapter];

interface Adapters {
  /** Skips the test where the adapter is missing. `baseline`: WebGPU's default limits and no optional feature. */
  open(name: string, baseline?: boolean): Promise<Execute>;
}

let engine: Promise<Page> | undefined;

/** The page with the engine, opened once a process, whose end ends the browser. */
const enginePage = (): Promise<Page> => (engine ??= openEngine());

const adapters: Adapters = {
  open: async (name, baseline = false) => {
    if (name === CHROMIUM) return inPage(await enginePage(), baseline);
    const driver = drivers[adapterNames.indexOf(name)];
    const device = await engineDevice(driver, baseline);
    test.skip(device === undefined, `${name}: no such adapter here`);
    return (graph, options) => execute(device!, graph, options);
  },
};

/**
 * Playwright's `test` with `adapters`. Playwright starts another process for tests with other fixtures of a worker, and what was
 * compiled goes with the one before: that is why the browser is kept here and not by such a fixture.
 */
export const test = base.extend<{ adapters: Adapters }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern
  adapters: async ({}, use) => use(adapters),
});

const inPage =
  (page: Page, baseline: boolean): Execute =>
  async (graph, { feeds = {}, ...options } = {}) => {
    const request: PageRequest = {
      ...options,
      baseline,
      graph: toJson(graph),
      feeds: Object.fromEntries(Object.entries(feeds).map(([name, values]) => [name, textOf(values)])),
    };
    const results = await page.evaluate((request) => globalThis.executeGraph(request), request);
    return Object.fromEntries(Object.entries(results).map(([name, text]) => [name, numbersOf(text)]));
  };

const textOf = (values: ArrayLike<number>): string => Buffer.from(Float32Array.from(values).buffer).toString("base64");
const numbersOf = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

/** A page with the engine in it. */
async function openEngine(): Promise<Page> {
  const code = await pageCode();
  const page = await openPage(await sharedBrowser());
  // WebGPU wants a secure context; nothing leaves the machine for this one.
  await page.route("https://reparam.test/", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
  );
  await page.goto("https://reparam.test/");
  await page.addScriptTag({ content: code });
  return page;
}

/** The page's script, bundled in memory. */
async function pageCode(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "esnext",
      lib: { entry: fileURLToPath(new URL("./page/execute.ts", import.meta.url)), formats: ["iife"], name: "page" },
    },
  });
  const [{ output }] = result as unknown as { output: { code: string }[] }[];
  return output[0].code;
}
