// The contestant that needs no browser: reparam on Dawn in a process of its own.
import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const folder = dirname(fileURLToPath(import.meta.url));
export const DAWN = "reparam-dawn";

/** Mesa's lavapipe, where it is installed: with the driver of a real GPU, Dawn would not run on what Chromium runs on. */
const LAVAPIPE = ["lvp_icd.json", "lvp_icd.x86_64.json"].map((name) => join("/usr/share/vulkan/icd.d", name));

export const lavapipe = () => LAVAPIPE.find((file) => existsSync(file));

export const buildDawn = () =>
  build({
    root: folder,
    configFile: false,
    logLevel: "error",
    build: { target: "node20", ssr: "dawn-process.ts", outDir: "dist/dawn", emptyOutDir: true },
    ssr: { external: ["webgpu", "playwright-core"] },
  });

/** Starts the process for a problem. Returns the calls that a page offers too. */
export function startDawn(problem) {
  const child = fork(join(folder, "dist/dawn/dawn-process.js"), [problem], {
    env: { ...process.env, VK_DRIVER_FILES: lavapipe() },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const call = (method, argument) =>
    new Promise((resolve, reject) => {
      const gone = (code) => reject(new Error(`the Dawn process ended with code ${code}`));
      child.once("exit", gone);
      child.once("message", ({ result, error }) => {
        child.off("exit", gone);
        if (error) reject(new Error(error));
        else resolve(result);
      });
      child.send({ method, argument });
    });
  return { prepare: () => call("prepare"), run: (repeats) => call("run", repeats), dispose: () => child.kill() };
}
