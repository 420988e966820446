import { fileURLToPath } from "node:url";
import {
  everImported,
  importedAtOnce,
  inOneChunk,
  plainImports,
  preloaded,
  workersInThePagesBuild,
} from "./one-build.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const family = inOneChunk("vae", here("../src/models/vae.ts"));
const page = inOneChunk(
  "open",
  here("open.tsx"),
  (modules) =>
    new Set([
      ...importedAtOnce(here("main.tsx"), modules),
      ...["../src/worker/worker.ts", "lab/gpu-worker.ts"].flatMap((worker) => [...everImported(here(worker), modules)]),
    ]),
);

export default {
  root: here("."),
  base: "./",
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  plugins: [workersInThePagesBuild(), plainImports(), preloaded("open")],
  worker: { format: "es" }, // while it is served: built, it is part of the page
  build: {
    target: "esnext",
    modulePreload: false,
    rolldownOptions: { output: { codeSplitting: { includeDependenciesRecursively: false, groups: [family, page] } } },
    outDir: here("../dist/demo"),
    emptyOutDir: true,
  },
};
