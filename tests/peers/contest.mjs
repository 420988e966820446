// One problem, all contestants: they enter one after the other, have to agree, and are timed in interleaved rounds.
import { quantile } from "./report.mjs";

const FIRST_LOSS_TOLERANCE = 0.01; // before any update the loss hardly depends on the batch
const CHECK_TOLERANCE = 0.02; // batches and noise differ
const SUM_TOLERANCE = 1e-5; // of a kernel's result; its elements have been compared with float64 before

/** The first step compiles: it may take so many times as long as the others. */
const FIRST_STEP = 2;

/** Throws where the promise is not settled in time. */
async function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} takes more than ${seconds} s`)), 1000 * seconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error in one line: a page's error brings its stack along, and a compiler's the whole shader. */
const inShort = ({ message }) =>
  message
    .split("\n")[0]
    .replace(/^page\.evaluate: (Error: )?/, "")
    .slice(0, 200);

/**
 * Lets contestants solve a problem: { name, kind, checkSteps, averagedSteps }. `open(key)` → { prepare, run, dispose }.
 * Returns the entries that could within `limit` seconds a step, with the rates of their rounds, and those that could not,
 * with the reason.
 */
export async function contest(problem, keys, open, { rounds, seconds, limit, log }) {
  const entries = [];
  const unable = [];
  try {
    for (const key of keys) {
      const entry = { key, name: key, rates: [], total: 0 };
      try {
        Object.assign(entry, await open(key));
        await enter(problem, entry, limit);
        entries.push(entry);
        log(
          `${problem.name}: ${entry.name}, first ${problem.kind === "training" ? "step" : "launch"} after ` +
            `${entry.secondsToFirst.toFixed(1)} s, ${entry.first.toPrecision(6)} → ${entry.check.toPrecision(6)}`,
        );
      } catch (error) {
        exclude(entry, inShort(error));
      }
    }
    for (const [field, tolerance] of tolerances(problem)) {
      let worst = furthest(entries, field);
      while (worst && worst.deviation > tolerance) {
        const { entry, deviation } = worst;
        entries.splice(entries.indexOf(entry), 1);
        const off = `${(100 * deviation).toPrecision(2)} % off the others', more than ${100 * tolerance} %`;
        exclude(entry, `WRONG: its ${field} value ${entry[field]} is ${off}`);
        worst = furthest(entries, field);
      }
    }
    await timeRounds(problem, entries, { rounds, seconds, log });
    return { entries: entries.map(({ prepare, run, dispose, ...plain }) => plain), unable };
  } finally {
    for (const { dispose } of entries) await dispose();
  }

  function exclude({ key, name, dispose }, reason) {
    log(`${problem.name}: ${name} cannot: ${reason}`);
    unable.push({ key, name, reason });
    dispose?.(); // not awaited: it may be stuck
  }
}

const tolerances = ({ kind }) =>
  kind === "training"
    ? [
        ["first", FIRST_LOSS_TOLERANCE],
        ["check", CHECK_TOLERANCE],
      ]
    : [["check", SUM_TOLERANCE]];

/** Takes a contestant's first step and trains to the check. Throws where a step takes longer than `limit` seconds. */
async function enter({ kind, checkSteps, averagedSteps }, entry, limit) {
  const start = performance.now();
  entry.name = await within(FIRST_STEP * limit, "preparing the data", entry.prepare());
  entry.first = (await within(FIRST_STEP * limit, "the first step", entry.run(1))).value;
  entry.secondsToFirst = (performance.now() - start) / 1000;
  const [skipped, averaged] = kind === "training" ? [checkSteps - averagedSteps - 1, averagedSteps] : [0, 1];
  for (let step = 0; step < skipped; step++) await within(limit, "a step", entry.run(1));
  const checked = [];
  for (let step = 0; step < averaged; step++) checked.push(await within(limit, "a step", entry.run(1)));
  entry.check = checked.reduce((sum, { value }) => sum + value, 0) / averaged;
  entry.total = 1 + skipped + averaged;
}

/** The entry whose value is furthest from the median of the others', as a share of that. */
function furthest(entries, field) {
  const deviations = entries.map((entry) => {
    if (!Number.isFinite(entry[field])) return { entry, deviation: Infinity };
    const others = entries.map((other) => (other === entry ? Number.NaN : other[field])).filter(Number.isFinite);
    return { entry, deviation: others.length ? Math.abs(entry[field] / quantile(others, 0.5) - 1) : 0 };
  });
  return deviations.sort((a, b) => b.deviation - a.deviation)[0];
}

async function timeRounds({ name }, entries, { rounds, seconds, log }) {
  for (const entry of entries) {
    const { milliseconds } = await entry.run(2);
    entry.total += 2;
    entry.repeats = Math.max(1, Math.round((2000 / milliseconds) * seconds)); // one, where a step takes longer
  }
  for (let round = 0; round < rounds; round++) {
    for (const entry of entries) {
      const { value, milliseconds } = await entry.run(entry.repeats);
      entry.rates.push((1000 * entry.repeats) / milliseconds);
      entry.total += entry.repeats;
      entry.last = value;
    }
    const rates = entries.map(({ key, rates }) => `${key} ${rates[round].toPrecision(3)}`);
    log(`${name}, round ${round + 1}: ${rates.join(", ")}`);
  }
}
