// How long somebody waits: from a page's opening to its first step and to its tenth, in a browser that has never seen it, and
// once more in a page beside it, for which the browser has kept what it keeps.
import { quantile } from "./report.mjs";

const STEPS = 10;

/** The moments of a start, in seconds after the page was asked for. */
async function start(open) {
  const began = performance.now();
  const page = await open();
  try {
    const name = await page.prepare();
    await page.run(1);
    const first = (performance.now() - began) / 1000;
    for (let step = 1; step < STEPS; step++) await page.run(1);
    return { name, first, tenth: (performance.now() - began) / 1000 };
  } finally {
    await page.dispose();
  }
}

/**
 * Starts every contestant `rounds` times, one after the other, each in a browser of its own. `launch()` → a browser;
 * `open(browser, key)` → { prepare, run, dispose }. Returns [{ key, name, cold: { first, tenth }, warm }], lists of seconds, and
 * who cannot, with the reason.
 */
export async function starts(keys, launch, open, { rounds, log }) {
  const entries = keys.map((key) => ({ key, name: key, cold: [], warm: [] }));
  const unable = [];
  for (let round = 1; round <= rounds; round++) {
    for (const entry of entries.filter(({ key }) => !unable.some((other) => other.key === key))) {
      const browser = await launch();
      try {
        for (const kind of ["cold", "warm"]) {
          const { name, ...seconds } = await start(() => open(browser, entry.key));
          entry.name = name;
          entry[kind].push(seconds);
        }
        const [cold, warm] = [entry.cold.at(-1), entry.warm.at(-1)].map(({ first }) => first.toFixed(2));
        log(`start ${round}: ${entry.name}, first step after ${cold} s; again after ${warm} s`);
      } catch (error) {
        unable.push({ key: entry.key, name: entry.name, reason: error.message.split("\n")[0] });
      } finally {
        await browser.close();
      }
    }
  }
  return { entries: entries.filter(({ cold, warm }) => cold.length > 0 && warm.length > 0), unable };
}

const median = (list, field) =>
  quantile(
    list.map((one) => one[field]),
    0.5,
  );

/** Medians in seconds, and how many times as long the first step takes as reparam's: medians of the rounds' own ratios. */
export function startsTable({ entries, unable }, problem) {
  const base = entries.find(({ key }) => key === "reparam") ?? entries[0];
  const header = [problem, "first step", "tenth", "again: first", "tenth", `first ÷ ${base.name}'s`];
  const rows = entries.map(({ name, cold, warm }) => [
    name,
    ...[cold, warm].flatMap((list) => ["first", "tenth"].map((field) => `${median(list, field).toFixed(2)} s`)),
    quantile(
      cold.map(({ first }, round) => first / base.cold[round].first),
      0.5,
    ).toFixed(2),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length)));
  const lines = [header, ...rows].map((row) =>
    row.map((cell, c) => (c ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))).join("  "),
  );
  return [...lines, ...unable.map((entry) => `${entry.name} is missing: ${entry.reason}`)].join("\n");
}
