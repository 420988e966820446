// Puts what was measured on an adapter into tuned.ts, in the place of what is shipped for that pattern:
//   reparam bench --tune --json > tuned.json && node src/kernels/ship-tuned.mjs "/swiftshader/i" tuned.json
// Only choices that are better than the default, beyond the noise, of launches above a tenth of a millisecond: below that, it
// is the launch that was measured. Measure on a quiet machine.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [pattern, ...files] = process.argv.slice(2);
const target = fileURLToPath(new URL("tuned.ts", import.meta.url));
const products = files.flatMap((file) => JSON.parse(readFileSync(file, "utf8")).products);
const timeOf = ({ choice, candidates }) =>
  candidates.find((candidate) => candidate.choice === choice)?.time?.median ?? 0;
const found = products
  .filter((product) => timeOf(product) > 1e-4)
  .filter(({ before, choice, source }) => choice !== before || source === "shipped")
  .map(({ class: name, choice }) => [name, choice]);
const kept = [...new Map(found)].sort(([a], [b]) => (a < b ? -1 : 1));
const entry = [
  `  // begin ${pattern}`,
  "  {",
  `    pattern: ${pattern},`,
  "    choices: {",
  ...kept.map(([name, choice]) => `      ${JSON.stringify(name)}: ${JSON.stringify(choice)},`),
  "    },",
  "  },",
  `  // end ${pattern}`,
  "",
].join("\n");
const text = readFileSync(target, "utf8");
const [begin, end] = ["begin", "end"].map((mark) => text.indexOf(`  // ${mark} ${pattern}\n`));
const written =
  begin < 0
    ? text.replace(/\n?\];\n$/, `\n${entry}];\n`)
    : text.slice(0, begin) + entry + text.slice(end + `  // end ${pattern}\n`.length);
writeFileSync(target, written);
