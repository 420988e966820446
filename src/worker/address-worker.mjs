// After tsc, which rewrites imports alone: in the built code the worker's script is a .js file. Bundlers need its address
// as plain text, in the source as in the built code.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../../dist/worker/start-worker.js", import.meta.url));
const text = readFileSync(file, "utf8");
const built = text.replaceAll('"./worker.ts"', '"./worker.js"');
if (built === text) throw new Error(`${file} does not name ./worker.ts: mend src/worker/address-worker.mjs.`);
writeFileSync(file, built);
