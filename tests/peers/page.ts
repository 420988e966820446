// One page is one contestant (?contestant=jax-js-webgpu), so that each has its own device and its own global state; all
// pages live in one browser and share its GPU process. The driver calls globalThis.contestant through Playwright.
import type { Contestant } from "./contestants/contestant.ts";
import { initialWeights, strokeImages } from "./problem.ts";

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

const key = new URLSearchParams(location.search).get("contestant") ?? "";
let contestant: Contestant;

Object.assign(globalThis, {
  peers: {
    keys: Object.keys(contestants),
    describe: async () => ({
      adapter: await describeAdapter(),
      crossOriginIsolated,
      threads: navigator.hardwareConcurrency,
    }),
    async prepare() {
      contestant = await contestants[key]();
      await contestant.prepare(initialWeights(), strokeImages());
      return contestant.name;
    },
    async run(steps: number) {
      const start = performance.now();
      const loss = await contestant.run(steps);
      return { loss, milliseconds: performance.now() - start };
    },
    dispose: () => contestant.dispose(),
  },
});
