// The page in which headless Chromium runs a job: built into dist/page, with relative addresses, because the driving
// process serves it under a random path from wherever the package is installed.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  build: {
    outDir: fileURLToPath(new URL("../../dist/page", import.meta.url)),
    emptyOutDir: true,
    target: "esnext",
    modulePreload: false,
  },
  worker: { format: "es" },
});
