import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { openBrowser, openPage } from "../support/browser.ts";

/** The playground on a server of its own, in a browser. */
export interface Playground {
  /** Its address, with / at the end. */
  readonly address: string;
  /** What went wrong in its pages: errors of scripts and lines of the console. */
  readonly problems: string[];
  open(options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

/** `withoutGpu`: in a browser that has no adapter for WebGPU. */
export async function openPlayground({ withoutGpu = false } = {}): Promise<Playground> {
  const server: ViteDevServer = await createServer({
    configFile: fileURLToPath(new URL("../../demo/vite.config.mjs", import.meta.url)),
    logLevel: "error",
    server: { port: 0, host: "127.0.0.1" },
  });
  await server.listen();
  const browser: Browser = await (withoutGpu ? openBrowser(["--disable-gpu", "--disable-webgpu"]) : openBrowser());
  const problems: string[] = [];
  return {
    address: server.resolvedUrls!.local[0],
    problems,
    open: async (options = { viewport: { width: 1280, height: 800 } }) => {
      const page = await openPage(browser, options);
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") problems.push(message.text());
      });
      return page;
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** How far the darkest and the lightest pixel of a canvas are apart, 0..255. */
export const contrast = (page: Page, selector: string): Promise<number> =>
  page.evaluate((which) => {
    const canvas = document.querySelector<HTMLCanvasElement>(which)!;
    if (canvas.width === 0 || canvas.height === 0) return 0;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    let [low, high] = [255, 0];
    for (let k = 0; k < data.length; k += 4) {
      if (data[k + 3] === 0) continue;
      low = Math.min(low, data[k]);
      high = Math.max(high, data[k]);
    }
    return high - low;
  }, selector);

/** The pixels of a canvas as one text, to see whether it was drawn anew. */
export const pixelsOf = (page: Page, selector: string): Promise<string> =>
  page.evaluate((which) => document.querySelector<HTMLCanvasElement>(which)!.toDataURL(), selector);
