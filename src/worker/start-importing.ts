/**
 * Starts a worker that imports a module of any origin and calls a function of it with its `self`, where one is named. It
 * imports when it runs, which a content policy judges by `script-src` as it does the page's own imports; of `worker-src` it
 * takes `blob:` alone.
 */
export function startImporting(module: string, call?: string): Worker {
  const then = call ? `.then((module) => module.${call}(self))` : "";
  const script = `import(${JSON.stringify(module)})${then}.catch(reportError);`;
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(address, { type: "module" });
  worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
  return worker;
}
