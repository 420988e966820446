// The benchmark's page: its packages installed, built with Vite, and served on this machine only.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const folder = dirname(fileURLToPath(import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

export function installPackages() {
  if (existsSync(join(folder, "node_modules"))) return;
  console.error("Installing the peers' packages into tests/peers/node_modules (npm ci) …");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", 2, 2] });
}

export async function buildPage() {
  await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    // TensorFlow.js starts its WASM threads from the text of one of its functions: minified, that text would not run.
    build: { target: "esnext", outDir: "dist/page", minify: false, modulePreload: false, emptyOutDir: true },
  });
}

/** Serves the built page on 127.0.0.1, isolated from other origins so that the WASM backends get their threads. */
export async function servePage() {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const name = path === "/" ? "/index.html" : path;
    const body = await readFile(join(folder, "dist/page", name)).catch(() => null);
    response.writeHead(body ? 200 : 404, {
      "content-type": TYPES[extname(name)] ?? "application/octet-stream",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
