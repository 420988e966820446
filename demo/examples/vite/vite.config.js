// Two settings for `reparam/worker`: a worker that imports later needs ES modules, and the address of its script is lost
// where Vite packs dependencies ahead while it serves.
export default {
  base: "./",
  worker: { format: "es" },
  optimizeDeps: { exclude: ["reparam"] },
  build: { target: "esnext" },
};
