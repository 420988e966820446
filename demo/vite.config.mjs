import { fileURLToPath } from "node:url";

export default {
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  worker: { format: "es" }, // so that it, too, loads what it needs
  build: { target: "esnext", outDir: fileURLToPath(new URL("../dist/demo", import.meta.url)), emptyOutDir: true },
};
