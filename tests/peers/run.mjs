#!/usr/bin/env node
// npm run bench:peers — trains the same VAE step with every engine in one headless Chromium, in interleaved rounds.
//
// How it is kept honest: all start from the same weights and images; each picks a new random batch and new noise on its
// device every step; a round ends when the loss and every parameter have been read back, and a parameter that did not
// move is an error; first losses and the losses after CHECK_STEPS steps must agree, or the run fails.
import { parseArgs } from "node:util";
import { launchBrowser } from "./browser.mjs";
import { quantile, summarise, table } from "./report.mjs";
import { buildPage, installPackages, servePage } from "./site.mjs";
import { waitForTwoCores } from "./two-cores.mjs";

const HELP = `Usage: npm run bench:peers -- [options]
  --rounds N     interleaved rounds (5)
  --seconds N    length of one contestant's part of a round (3)
  --only A,B     only these contestants
  --wait         wait up to a minute for two free cores before the rounds
  --json         one JSON object on stdout instead of the table`;

const FIRST_LOSS_TOLERANCE = 0.01; // before any update the loss hardly depends on the batch
const CHECK_STEPS = 30;
const AVERAGED_STEPS = 10; // the last of them, whose mean is compared: one batch's loss scatters by some per cent
const CHECK_TOLERANCE = 0.03;

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    only: { type: "string" },
    wait: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const log = (text) => console.error(text);

/** Opens one page a contestant; each takes its first step and trains to the check. */
async function enter(browser, url, key) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => log(`${key}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && log(`${key}: ${message.text()}`));
  await page.goto(`${url}?contestant=${key}`);
  await page.waitForFunction(() => "peers" in globalThis);
  const run = (steps) => page.evaluate((count) => globalThis.peers.run(count), steps);
  const start = performance.now();
  const name = await page.evaluate(() => globalThis.peers.prepare());
  const first = await run(1);
  const toFirstStep = (performance.now() - start) / 1000;
  await run(CHECK_STEPS - AVERAGED_STEPS - 1);
  let checkLoss = 0;
  for (let step = 0; step < AVERAGED_STEPS; step++) checkLoss += (await run(1)).loss / AVERAGED_STEPS;
  log(`${name}: first step after ${toFirstStep.toFixed(1)} s, loss ${first.loss.toFixed(2)} → ${checkLoss.toFixed(2)}`);
  return { key, name, run, toFirstStep, firstLoss: first.loss, checkLoss, totalSteps: CHECK_STEPS, rates: [] };
}

function checkAgreement(entries, field, tolerance) {
  const middle = quantile(
    entries.map((entry) => entry[field]),
    0.5,
  );
  for (const entry of entries) {
    const deviation = Math.abs(entry[field] / middle - 1);
    if (deviation <= tolerance) continue; // NaN is no agreement
    throw new Error(
      `${entry.name}: ${field} ${entry[field]} is ${(100 * deviation).toFixed(1)} % off the median ${middle}, ` +
        `more than ${100 * tolerance} %: the contestants do not train the same model`,
    );
  }
}

async function timeRounds(entries) {
  for (const entry of entries) {
    const { milliseconds } = await entry.run(3);
    entry.totalSteps += 3;
    entry.stepsPerRound = Math.max(2, Math.round((3000 / milliseconds) * Number(options.seconds)));
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const entry of entries) {
      const { loss, milliseconds } = await entry.run(entry.stepsPerRound);
      entry.rates.push((1000 * entry.stepsPerRound) / milliseconds);
      entry.totalSteps += entry.stepsPerRound;
      entry.lastLoss = loss;
    }
    log(
      `round ${round + 1}: ${entries.map((entry) => `${entry.key} ${entry.rates[round].toPrecision(3)}`).join(", ")}`,
    );
  }
}

async function main() {
  installPackages();
  await buildPage();
  const site = await servePage();
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => "peers" in globalThis);
    const environment = await page.evaluate(() => globalThis.peers.describe());
    const known = await page.evaluate(() => globalThis.peers.keys);
    await page.close();
    const keys = options.only?.split(",") ?? known;
    const unknown = keys.find((key) => !known.includes(key));
    if (unknown) throw new Error(`There is no contestant "${unknown}"; there are ${known.join(", ")}`);
    log(`Chromium ${browser.version()}, ${environment.adapter}, ${environment.threads} threads`);
    if (!environment.crossOriginIsolated)
      throw new Error("The page is not cross-origin isolated: WASM would run on one thread");

    const entries = [];
    for (const key of keys) entries.push(await enter(browser, site.url, key));
    checkAgreement(entries, "firstLoss", FIRST_LOSS_TOLERANCE);
    checkAgreement(entries, "checkLoss", CHECK_TOLERANCE);

    const slowdown = await waitForTwoCores(options.wait ? 60 : 0);
    if (slowdown >= 1.2)
      log(`Two threads at once take ${slowdown.toFixed(2)}x one alone: no two free cores, rates are too low`);
    await timeRounds(entries);

    const results = summarise(entries.map(({ run: _, ...entry }) => entry));
    if (options.json) console.log(JSON.stringify({ browser: browser.version(), ...environment, slowdown, results }));
    else console.log(`\n${table(results)}`);
  } finally {
    await browser.close();
    site.close();
  }
}

if (options.help) console.log(HELP);
else {
  await main().catch((error) => {
    console.error(`bench:peers failed: ${error.message}`);
    process.exitCode = 1;
  });
}
