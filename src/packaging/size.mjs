// What an app's visitors load: pages of this folder, packed with the built library as a bundler packs them, and the playground.
// Says how large they are with gzip, the pages room by room, and fails where one is larger than it may be. Also how large
// reparam.min.js is, which has everything in it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { build } from "vite";
import { root, target } from "./packages.mjs";

/** The most bytes of a page with gzip. */
const BOUNDS = { "ten-lines": 75_900, decoder: 15_000 };
/**
 * The most bytes with gzip of what the playground's visitors load beside its data until the first model is trained: its page,
 * styles, the worker that trains, and the family that it begins with.
 */
const PLAYGROUND = 149_600;

/** The page's own script and that of the worker that trains. */
const ENTRIES = ["index", "worker"];
/** What they import later and yet for every visitor: the page behind its entry, and the family that it begins with. */
const BEGINNING = ["open", "vae"];

const packed = await Promise.all(Object.entries(BOUNDS).map(([page, most]) => pack(page, most)));
for (const { page, most, bytes, later, rooms } of packed) {
  console.log(`${page}: ${bytes} bytes with gzip, at most ${most}, and ${later} that most visitors never load`);
  for (const [room, size] of rooms) console.log(`  ${String(size).padStart(7)} ${room}, neither minified nor packed`);
}
console.log(`reparam.min.js: ${gzipped(readFileSync(join(target, "reparam.min.js")))} bytes with gzip`);
const playground = await sizeOfPlayground();
console.log(`playground: ${playground} bytes with gzip, at most ${PLAYGROUND}`);
packed.push({ page: "playground", most: PLAYGROUND, bytes: playground });
const large = packed.filter(({ most, bytes }) => bytes > most);
for (const { page } of large) console.error(`The page ${page} is larger than it may be: see what it reaches.`);
process.exitCode = large.length > 0 ? 1 : 0;

async function sizeOfPlayground() {
  const configFile = join(root, "demo/vite.config.mjs");
  const { output } = await build({ configFile, logLevel: "error", build: { write: false } });
  const files = new Map(output.map((file) => [file.fileName, file]));
  const first = new Set();
  const load = (file) => {
    if (first.has(file)) return;
    first.add(file);
    const { imports = [], dynamicImports = [] } = file;
    for (const name of imports) load(files.get(name));
    for (const name of dynamicImports) if (BEGINNING.includes(files.get(name).name)) load(files.get(name));
  };
  for (const file of output) {
    if (ENTRIES.includes(file.name) || /\.(css|html)$/.test(file.fileName)) load(file);
  }
  return [...first].reduce((sum, { code, source }) => sum + gzipped(code ?? source), 0);
}

async function pack(page, most) {
  const bundle = await rolldown({
    cwd: root,
    input: join(root, "src/packaging/sizes", `${page}.js`),
    platform: "browser",
  });
  const { output } = await bundle.generate({ format: "es", minify: true, comments: false }); // as Vite does
  await bundle.close();
  const chunks = new Map(output.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk]));
  // What is imported later: for a checkpoint to go on from, or a kernel that does not compile.
  const loaded = new Set();
  const load = (chunk) => {
    if (loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const name of chunk.imports) load(chunks.get(name));
  };
  load([...chunks.values()].find(({ isEntry }) => isEntry));
  const bytesOf = (chunks) => chunks.reduce((sum, { code }) => sum + gzipped(code), 0);
  const bytes = bytesOf([...loaded]);
  const later = bytesOf([...chunks.values()].filter((chunk) => !loaded.has(chunk)));
  const rooms = new Map();
  for (const { modules } of loaded) {
    for (const [id, { renderedLength }] of Object.entries(modules)) {
      const room = id.startsWith(target)
        ? id
            .slice(target.length + 1)
            .split(/[\\/]/)
            .slice(0, 1)
            .join("/")
        : "the page itself";
      rooms.set(room, (rooms.get(room) ?? 0) + renderedLength);
    }
  }
  return { page, most, bytes, later, rooms: [...rooms].sort(([, a], [, b]) => b - a) };
}

function gzipped(code) {
  return gzipSync(code, { level: 9 }).length;
}
