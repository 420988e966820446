import { fileURLToPath } from "node:url";
import { inOneChunk, plainImports, preloaded, workersInThePagesBuild } from "./one-build.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

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
    rolldownOptions: { output: { codeSplitting: { groups: [inOneChunk("vae", here("../src/models/vae.ts"))] } } },
    outDir: here("../dist/demo"),
    emptyOutDir: true,
  },
};
