/** What is said in a page, to its visitor, and in Node, to whoever wrote the program. */
const NO_WEBGPU = {
  page:
    "There is no WebGPU here: Chrome and Edge have it from 113 on, Safari from 26, Firefox from 141 on Windows and 145 on Macs; " +
    "elsewhere a flag may bring it (chrome://flags/#enable-unsafe-webgpu, or dom.webgpu.enabled in Firefox's about:config).",
  node: "There is no WebGPU here: Node has it by the package webgpu, whose GPU goes to requestDevice as `gpu`.",
};

const INSECURE =
  "There is no WebGPU in this page, since browsers give it to secure ones only: open it over https or from localhost.";

export const NO_ADAPTER = {
  page: "WebGPU found no adapter: chrome://gpu or about:support says why, and chrome://flags/#enable-unsafe-webgpu may help.",
  node: "WebGPU found no adapter: `reparam doctor` says what is missing on this machine.",
};

/** A page or its worker says whether it is secure. */
export const place = (): "page" | "node" => (globalThis.isSecureContext === undefined ? "node" : "page");

/**
 * One sentence for a person where this page or process has no WebGPU: which browsers have it, by which flag others may, that
 * the page is not secure, or how Node gets it. Undefined where it is there; that there is an adapter as well, `requestDevice` finds out.
 */
export function missingWebGpu(): string | undefined {
  const { navigator, isSecureContext } = globalThis as { navigator?: Navigator; isSecureContext?: boolean };
  if (navigator?.gpu) return undefined;
  return isSecureContext === false ? INSECURE : NO_WEBGPU[place()];
}

/** The same, of a place where no WebGPU was found. */
export const noWebGpu = (): string => missingWebGpu() ?? NO_WEBGPU[place()];
