#!/usr/bin/env node
// npm run bench:peers — trains the same VAE step with every engine in one headless Chromium, in interleaved rounds, and
// with reparam on Dawn and Mesa's lavapipe beside it, where that is installed.
//
// How it is kept honest: all start from the same weights and images; each picks a new random batch and new noise on its
// device every step; a round ends when the loss and every parameter have been read back, and a parameter that did not
// move is an error; first losses and the losses after CHECK_STEPS steps must agree, or the run fails.
import { parseArgs } from "node:util";
import { launchBrowser } from "./browser.mjs";
import { DAWN, lavapipe, startDawn } from "./dawn.mjs";
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
const CHECK_TOLERANCE = 0.02;

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "3" },
      only: { type: "string" },
      wait: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const positive = (name) => {
    if (Number(values[name]) > 0) return Number(values[name]);
    throw new Error(`--${name} is "${values[name]}", which is no positive number`);
  };
  return {
    ...values,
    rounds: Math.ceil(positive("rounds")),
    seconds: positive("seconds"),
    only: values.only?.split(","),
  };
}

const log = (text) => console.error(text);

/** A contestant in a page of its own. */
async function openPage(browser, url, key) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => log(`${key}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && log(`${key}: ${message.text()}`));
  await page.goto(`${url}?contestant=${key}`);
  await page.waitForFunction(() => "peers" in globalThis);
  return {
    prepare: () => page.evaluate(() => globalThis.peers.prepare()),
    run: (steps) => page.evaluate((count) => globalThis.peers.run(count), steps),
    dispose: () => page.evaluate(() => globalThis.peers.dispose()),
  };
}

/** Lets a contestant take its first step and train to the check. */
async function enter(key, { prepare, run, dispose }) {
  const start = performance.now();
  const name = await prepare();
  const first = await run(1);
  const toFirstStep = (performance.now() - start) / 1000;
  await run(CHECK_STEPS - AVERAGED_STEPS - 1);
  let checkLoss = 0;
  for (let step = 0; step < AVERAGED_STEPS; step++) checkLoss += (await run(1)).loss / AVERAGED_STEPS;
  log(`${name}: first step after ${toFirstStep.toFixed(1)} s, loss ${first.loss.toFixed(2)} → ${checkLoss.toFixed(2)}`);
  return { key, name, run, dispose, toFirstStep, firstLoss: first.loss, checkLoss, totalSteps: CHECK_STEPS, rates: [] };
}

/** Throws when a contestant's loss is further than `tolerance` from the median of the others'. */
function checkAgreement(entries, field, tolerance) {
  const deviation = (entry) => {
    const others = entries.filter((other) => other !== entry).map((other) => other[field]);
    if (!Number.isFinite(entry[field])) return Infinity;
    return others.length ? Math.abs(entry[field] / quantile(others, 0.5) - 1) : 0;
  };
  const worst = entries.reduce((a, b) => (deviation(b) > deviation(a) ? b : a));
  if (deviation(worst) <= tolerance) return;
  throw new Error(
    `${worst.name}: ${field} ${worst[field].toFixed(2)} is ${(100 * deviation(worst)).toFixed(1)} % off the others', ` +
      `more than ${100 * tolerance} %: the contestants do not train the same model`,
  );
}

async function timeRounds(entries, { rounds, seconds }) {
  for (const entry of entries) {
    const { milliseconds } = await entry.run(3);
    entry.totalSteps += 3;
    entry.stepsPerRound = Math.max(2, Math.round((3000 / milliseconds) * seconds));
  }
  for (let round = 0; round < rounds; round++) {
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

async function main(options) {
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
    if (lavapipe()) known.push(DAWN);
    await page.close();
    const keys = options.only ?? known;
    const unknown = keys.find((key) => !known.includes(key));
    if (unknown) throw new Error(`There is no contestant "${unknown}"; there are ${known.join(", ")}`);
    log(`Chromium ${browser.version()}, ${environment.adapter}, ${environment.threads} threads`);
    if (!environment.crossOriginIsolated)
      throw new Error("The page is not cross-origin isolated: WASM would run on one thread");

    const entries = [];
    for (const key of keys) {
      entries.push(await enter(key, key === DAWN ? await startDawn() : await openPage(browser, site.url, key)));
    }
    checkAgreement(entries, "firstLoss", FIRST_LOSS_TOLERANCE);
    checkAgreement(entries, "checkLoss", CHECK_TOLERANCE);

    const slowdowns = [await waitForTwoCores(options.wait ? 60 : 0)];
    await timeRounds(entries, options);
    for (const entry of entries) await entry.dispose();
    slowdowns.push(await waitForTwoCores(0));
    const worst = Math.max(...slowdowns);
    if (worst >= 1.2)
      log(`Two threads at once took ${worst.toFixed(2)}x one alone: not two free cores, rates are too low`);

    const results = summarise(entries.map(({ run, dispose, ...entry }) => entry));
    if (options.json) console.log(JSON.stringify({ browser: browser.version(), ...environment, slowdowns, results }));
    else console.log(`\n${table(results)}`);
  } finally {
    await browser.close();
    site.close();
  }
}

try {
  const options = readOptions();
  if (options.help) console.log(HELP);
  else await main(options);
} catch (error) {
  console.error(`bench:peers failed: ${error.message.split("\n    at ")[0]}`); // a page's error brings its stack along
  process.exitCode = 1;
}
