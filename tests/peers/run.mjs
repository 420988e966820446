#!/usr/bin/env node
// npm run bench:peers — the same training steps and kernels by every engine in one headless Chromium, in interleaved rounds,
// and by reparam on Dawn and Mesa's lavapipe beside it, where that is installed.
//
// How it is kept honest: all start from the same weights, images and operands. Training: each picks a new random batch and
// new noise on its device every step; a round ends when the loss and every parameter have been read back, and a parameter
// that did not move is an error; first losses and losses some steps later must agree. Kernels: the result is read back at a
// round's end, and elements all over it are compared with float64. Who cannot solve a problem is named with the reason.
import { parseArgs } from "node:util";
import { launchBrowser } from "./browser.mjs";
import { contest } from "./contest.mjs";
import { buildDawn, DAWN, lavapipe, startDawn } from "./dawn.mjs";
import { summarise, table } from "./report.mjs";
import { buildPage, installPackages, servePage } from "./site.mjs";
import { starts, startsTable } from "./starts.mjs";
import { waitForTwoCores } from "./two-cores.mjs";

const HELP = `Usage: npm run bench:peers -- [options]
  --problems A,B only these problems: vae, conv-vae, matmul-512, matmul-1024, conv, conv-input-gradient,
                 conv-filter-gradient (default: all)
  --only A,B     only these contestants: reparam, jax-js-webgpu, jax-js-wasm, tfjs-webgpu, tfjs-wasm, ${DAWN}
  --rounds N     interleaved rounds (5)
  --seconds N    length of one contestant's part of a round, if a step is shorter (3)
  --limit N      leave out who takes longer than N seconds for a step (60)
  --starts N     instead of rates: from opening a page to its first and its tenth step, N times in a new browser
  --wait         wait up to a minute for two free cores before each problem
  --json         one JSON object on stdout instead of the tables`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      problems: { type: "string" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "3" },
      limit: { type: "string", default: "60" },
      only: { type: "string" },
      starts: { type: "string" },
      wait: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const positive = (name) => {
    if (Number(values[name]) > 0) return Number(values[name]);
    throw new Error(`--${name} is "${values[name]}", which is no positive number`);
  };
  if (values.starts !== undefined) positive("starts");
  return { ...values, rounds: Math.ceil(positive("rounds")), seconds: positive("seconds"), limit: positive("limit") };
}

const log = (text) => console.error(text);

/** The names that an option lists, or all. */
function chosen(list, known, what) {
  const names = list?.split(",") ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`There is no ${what} "${unknown}"; there are ${known.join(", ")}`);
  return names;
}

/** A contestant in a page of its own. */
async function openPage(browser, url, key, problem) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => log(`${key}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && log(`${key}: ${message.text()}`));
  await page.goto(`${url}?contestant=${key}&problem=${problem}`);
  await page.waitForFunction(() => "peers" in globalThis);
  return {
    prepare: () => page.evaluate(() => globalThis.peers.prepare()),
    run: (repeats) => page.evaluate((count) => globalThis.peers.run(count), repeats),
    describe: () => page.evaluate(() => globalThis.peers.describe()),
    dispose: () => page.close(),
  };
}

async function main(options) {
  installPackages();
  await buildPage();
  const site = await servePage();
  const browser = await launchBrowser();
  try {
    const page = await openPage(browser, site.url);
    const { contestants, problems, ...environment } = await page.describe();
    await page.dispose();
    const keys = chosen(options.only, [...contestants, ...(lavapipe() ? [DAWN] : [])], "contestant");
    const names = chosen(options.problems, Object.keys(problems), "problem");
    if (keys.includes(DAWN)) await buildDawn();
    log(`Chromium ${browser.version()}, ${environment.adapter}, ${environment.threads} threads`);
    if (!environment.crossOriginIsolated)
      throw new Error("The page is not cross-origin isolated: WASM would run on one thread");

    const report = { browser: browser.version(), ...environment, problems: [] };
    if (options.starts !== undefined) {
      const trained = names.filter((name) => problems[name].kind === "training");
      return await compareStarts(report, site, keys, trained, options);
    }
    for (const name of names) {
      const problem = { name, ...problems[name] };
      const open = (key) => (key === DAWN ? startDawn(name) : openPage(browser, site.url, key, name));
      const slowdowns = [await waitForTwoCores(options.wait ? 60 : 0)];
      const { entries, unable } = await contest(problem, keys, open, { ...options, log });
      slowdowns.push(await waitForTwoCores(0));
      const worst = Math.max(...slowdowns);
      if (worst >= 1.2)
        log(`Two threads at once took ${worst.toFixed(2)}x one alone: not two free cores, rates are too low`);
      report.problems.push({ name, kind: problem.kind, slowdowns, results: summarise(entries, problem), unable });
    }
    console.log(options.json ? JSON.stringify(report) : report.problems.map((p) => `\n${table(p)}`).join("\n"));
    if (report.problems.some(({ unable }) => unable.some(({ reason }) => reason.startsWith("WRONG"))))
      process.exitCode = 1;
  } finally {
    await browser.close();
    site.close();
  }
}

/** Who has trained first. Dawn has no page to open, and kernels have no steps. */
async function compareStarts(report, site, keys, names, { starts: rounds, json, wait }) {
  const pages = keys.filter((key) => key !== DAWN);
  for (const name of names) {
    await waitForTwoCores(wait ? 60 : 0);
    const open = (browser, key) => openPage(browser, site.url, key, name);
    const found = await starts(pages, launchBrowser, open, { rounds: Math.ceil(Number(rounds)), log });
    report.problems.push({ name, ...found });
  }
  console.log(json ? JSON.stringify(report) : report.problems.map((p) => `\n${startsTable(p, p.name)}`).join("\n"));
}

try {
  const options = readOptions();
  if (options.help) console.log(HELP);
  else await main(options);
} catch (error) {
  console.error(`bench:peers failed: ${error.message.split("\n    at ")[0]}`); // a page's error brings its stack along
  process.exitCode = 1;
}
