import { fileURLToPath } from "node:url";
import { plainImports, preloaded, workersInThePagesBuild } from "./one-build.mjs";

export default {
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  plugins: [workersInThePagesBuild(), plainImports(), preloaded("open")],
  worker: { format: "es" },
  build: {
    target: "esnext",
    modulePreload: false,
    outDir: fileURLToPath(new URL("../dist/demo", import.meta.url)),
    emptyOutDir: true,
  },
};
