import type { Services } from "./services.ts";
import { processTerminal } from "./terminal.ts";

/** The real services. `mayInstall`: whether a browser may be installed where there is none. What is heavy is loaded when it is first used, so that `--help` comes at once. */
export function processServices(mayInstall: () => boolean): Services {
  return {
    terminal: processTerminal(),
    async openHost(kind, say) {
      if (kind === "dawn") {
        const { openDawn } = await import("../host/dawn.ts");
        const { runJob } = await import("../jobs/job.ts");
        return (await openDawn({ say, runJob })).host;
      }
      const { openChromium } = await import("../host/browser.ts");
      return (await openChromium({ install: mayInstall(), say })).host;
    },
    async loadDataset(name, { trainCount, testCount, genes, factors, groups, size, ...options }) {
      const { isBuiltIn } = await import("../data/built-in-names.ts");
      if (isBuiltIn(name)) {
        const { loadBuiltIn } = await import("../data/built-in.ts");
        const { draw } = await loadBuiltIn(name);
        return draw({ seed: options.seed, trainCount, testCount, genes, factors, groups, size });
      }
      const { loadDataset } = await import("../data/named.ts");
      return loadDataset(name, options);
    },
  };
}
