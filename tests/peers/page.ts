// One page is one contestant at one problem (?contestant=jax-js-webgpu&problem=vae), so that each has its own device and
// its own global state; all pages live in one browser and share its GPU process. The driver calls globalThis.peers.
import type { Contestant } from "./contestants/contestant.ts";
import { problems } from "./problems/index.ts";
import { timedRun } from "./timed-run.ts";

const contestants: Record<string, () => Promise<Contestant>> = {
  reparam: async () => (await import("./contestants/reparam.ts")).reparam(),
  "jax-js-webgpu": async () => (await import("./contestants/jax-js.ts")).jaxJs("webgpu"),
  "jax-js-wasm": async () => (await import("./contestants/jax-js.ts")).jaxJs("wasm"),
  "tfjs-webgpu": async () => (await import("./contestants/tfjs.ts")).tfjs("webgpu"),
  "tfjs-wasm": async () => (await import("./contestants/tfjs.ts")).tfjs("wasm"),
};

async function describeAdapter(): Promise<string> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return "no WebGPU adapter";
  const { vendor, architecture, description } = adapter.info;
  const name = [vendor, architecture, description].filter(Boolean).join(" ") || "unnamed adapter";
  return adapter.info.isFallbackAdapter ? `${name} (software)` : name;
}

const query = new URLSearchParams(location.search);

Object.assign(globalThis, {
  peers: {
    describe: async () => ({
      contestants: Object.keys(contestants),
      problems: JSON.parse(JSON.stringify(problems)), // without their functions
      adapter: await describeAdapter(),
      crossOriginIsolated,
      threads: navigator.hardwareConcurrency,
    }),
    ...timedRun(() => contestants[query.get("contestant") ?? ""](), query.get("problem") ?? ""),
  },
});
