import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { build } from "vite";
import { interpret } from "../../src/graph/interpret.ts";
import { long, onlyLong } from "../support/long.ts";
import { serveFolder } from "../support/serve-folder.ts";
import { relativeError, sharedDevice } from "../support/training.ts";
import { firefoxHere, openFirefox } from "./firefox.ts";
import type { Report } from "./page/main.ts";
import { feedsOf, kernels, trainSmall } from "./work.ts";

// WebGPU of another maker: Firefox's, which is wgpu with its own reader of WGSL, on the same software driver as Dawn.

const firefox = firefoxHere();

test.describe("in Firefox", () => {
  test.skip(firefox === undefined, "Firefox is not installed: apt-get install firefox-esr, or set FIREFOX_PATH");

  let folder: string;
  let report: Report;

  test.beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "reparam-test-page-"));
    const root = fileURLToPath(new URL("./page/", import.meta.url));
    await build({
      configFile: false,
      logLevel: "error",
      root,
      build: { outDir: folder, target: "esnext" },
      worker: { format: "es" },
    });
    report = await reportOfPage(folder);
  });
  test.afterAll(() => folder && rmSync(folder, { recursive: true }));

  test("a handful of kernels agree with float64", () => {
    if ("error" in report) throw new Error(`${report.agent}: ${report.error}`);
    for (const [kernel, graph] of Object.entries(kernels())) {
      const exact = interpret(graph, { feeds: feedsOf(graph), seed: [3, 0] });
      for (const [name, values] of Object.entries(exact)) {
        const found = Float32Array.from(report.kernels[kernel][name]);
        expect(found.length).toBe(values.length);
        expect(relativeError(found, values), `${kernel}: ${name}`).toBeLessThan(1e-5);
      }
    }
  });

  test("a small vae trains for two epochs to the losses of Dawn", async () => {
    if ("error" in report) throw new Error(`${report.agent}: ${report.error}`);
    const here = await trainSmall(await sharedDevice());
    expect(report.losses.length).toBe(4);
    expect(relativeError(Float64Array.from(report.losses), Float64Array.from(here))).toBeLessThan(1e-5);
  });

  test("the run of a worker is that of the page, and does all that a page asks of it", () => {
    test.skip(!long, onlyLong);
    if ("error" in report) throw new Error(`${report.agent}: ${report.error}`);
    expect(report.long!.worker).toEqual({ losses: report.losses, wrong: [] });
  });

  test("the self-test finds no kernel wrong", () => {
    test.skip(!long, onlyLong);
    if ("error" in report) throw new Error(`${report.agent}: ${report.error}`);
    expect(report.long!.selfTest.wrong).toEqual([]);
    expect(report.long!.selfTest.rows).toBeGreaterThan(100);
  });
});

/** Serves the page, opens it, and waits for what it posts. */
async function reportOfPage(folder: string): Promise<Report> {
  let receive!: (report: Report) => void;
  const received = new Promise<Report>((resolve) => {
    receive = resolve;
  });
  const site = await serveFolder(folder, { onPost: (body) => receive(JSON.parse(body) as Report) });
  const browser = openFirefox(firefox!, `${site.origin}/${long ? "?long" : ""}`);
  try {
    return await Promise.race([received, browser.ended]);
  } finally {
    await browser.close();
    site.close();
  }
}
