import { expect, test } from "@playwright/test";
import type { Browser } from "playwright-core";
import { candidatesHere } from "../../src/host/browser.ts";
import { openPage, sharedBrowser } from "../support/browser.ts";
import { long, onlyLong } from "../support/long.ts";
import { type Served, serveFolder } from "../support/serve-folder.ts";
import { type Installed, installPacked, openUntilDone } from "./support.ts";

// The packed library from another origin than the page's, as from a CDN, with and without a content policy.

let installed: Installed;
let browser: Browser;
let cdn: Served;

test.beforeAll(async () => {
  test.skip(candidatesHere().length === 0, "no Chromium is installed: set CHROME_PATH, or see `reparam doctor`");
  installed = await installPacked();
  cdn = await serveFolder(installed.folder);
  browser = await sharedBrowser();
});

test.afterAll(async () => {
  cdn?.close();
  installed?.dispose();
});

const page = '<!doctype html><body><p id="says"></p><script type="module" src="/page.js"></script>';

/** A page of an origin of its own that trains by `createTrainer` from the module at `address`; `worker` is its argument. */
const script = (address: string, worker = "") => `
import { createTrainer } from ${JSON.stringify(address)};
const says = document.querySelector("#says");
try {
  const trainer = await createTrainer(${worker});
  const data = { name: "digits", trainCount: 64, testCount: 16 };
  const run = trainer.fit({ family: "ae", hidden: [], latent: 2 }, data, { epochs: 2, batchSize: 16, seed: 1 });
  for await (const epoch of run) says.textContent += epoch.test.loss.toFixed(1) + " ";
  document.body.className = "done";
} catch (error) {
  says.textContent = error.name + " " + error.code + ": " + error.message;
  document.body.className = "failed";
}`;

const modules = () => ({
  modules: `${cdn.origin}/node_modules/reparam/dist/worker/index.js`,
  "one file": `${cdn.origin}/node_modules/reparam/dist/reparam.min.js`,
});

async function open(files: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) {
  const site = await serveFolder(installed.folder, { headers, extra: { "/page.html": page, ...files } });
  const opened = await openPage(browser);
  try {
    return await openUntilDone(opened, `${site.origin}/page.html`);
  } finally {
    await opened.close();
    site.close();
  }
}

for (const kind of ["modules", "one file"] as const) {
  test(`the library as ${kind} from another origin trains in a worker of its own`, async () => {
    // The modules do, under a policy, below.
    test.skip(kind === "modules" && !long, onlyLong);
    const { says, problems } = await open({ "/page.js": script(modules()[kind]) });
    expect({ says, problems }).toEqual({ says: expect.stringMatching(/^\d+\.\d \d+\.\d $/), problems: [] });
  });
}

test("a policy without worker-src blob: refuses that worker, which is said in words; a worker of the page's own trains", async () => {
  // What a worker's script imports at its beginning is judged by the page's worker-src.
  const policy = `default-src 'none'; script-src 'self' ${cdn.origin}; worker-src 'self' ${cdn.origin}`;
  const headers = { "content-security-policy": policy };
  const { modules: address } = modules();
  const refused = await open({ "/page.js": script(address) }, headers);
  expect(refused.says).toContain("ReparamError device: The worker that trains failed: ");
  expect(refused.says).toContain("worker-src blob:");

  const own = `{ worker: new Worker("/own-worker.js", { type: "module" }) }`;
  const trained = await open(
    {
      "/page.js": script(address, own),
      "/own-worker.js": `import { serve } from ${JSON.stringify(address)};\nvoid serve(self);`,
    },
    headers,
  );
  expect(trained).toEqual({ says: expect.stringMatching(/^\d+\.\d \d+\.\d $/), problems: [] });
});

test("a module that is not there is told, too", async () => {
  const { modules: address } = modules();
  const gone = await serveFolder(installed.folder, {
    extra: { "/node_modules/reparam/dist/worker/worker.js": "throw new Error('gone');" },
  });
  try {
    const { says } = await open({ "/page.js": script(address.replace(cdn.origin, gone.origin)) });
    expect(says).toMatch(/^ReparamError device: The worker that trains failed: .*gone/);
  } finally {
    gone.close();
  }
});

test("with worker-src blob: the policy lets the library's own worker train", async () => {
  test.skip(!long, onlyLong);
  const policy = `default-src 'none'; script-src 'self' ${cdn.origin}; worker-src blob:`;
  const headers = { "content-security-policy": policy };
  const trained = await open({ "/page.js": script(modules().modules) }, headers);
  expect(trained).toEqual({ says: expect.stringMatching(/^\d+\.\d \d+\.\d $/), problems: [] });
});
