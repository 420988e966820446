import { release } from "node:os";
import { candidatesHere, proveBrowser } from "./browser.ts";
import type { Candidate } from "./candidates.ts";
import { openDawn } from "./dawn.ts";
import { hasGpuDevice } from "./flags.ts";
import { thisMachine } from "./machine.ts";
import { type AdapterReport, adapterName, type ProvenHost } from "./probe.ts";

/** One way to run: what it is, and either the adapter that computed there or why none did. */
export interface HostDiagnosis {
  readonly version?: string;
  readonly adapter?: AdapterReport;
  readonly problem?: string;
  /** What was said on the way. */
  readonly notes: readonly string[];
}

/** What this machine offers to reparam. Plain data. */
export interface Diagnosis {
  readonly node: string;
  readonly platform: string;
  /** The Vulkan environment variables that are set; they decide which drivers are seen. */
  readonly environment: { readonly [name: string]: string };
  /** In the order in which they are tried. */
  readonly browsers: readonly (Candidate & HostDiagnosis)[];
  readonly dawn: HostDiagnosis;
  /** What is missing, each with how to get it; empty when all is well. */
  readonly missing: readonly string[];
}

const optionalFeatures = ["subgroups", "timestamp-query", "shader-f16"];
const limitsShown = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupStorageSize",
];
const vulkanVariables = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES"];

/** Has every browser candidate and Dawn compute something, one after the other. Installs nothing and never throws. */
export async function diagnose(): Promise<Diagnosis> {
  const browsers: (Candidate & HostDiagnosis)[] = [];
  for (const candidate of candidatesHere()) {
    browsers.push({ ...candidate, ...(await examine((say) => proveBrowser(candidate.path, thisMachine, say))) });
  }
  const dawn = await examine((say) => openDawn({ say }));
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch} ${release()}`,
    environment: Object.fromEntries(
      vulkanVariables.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    ),
    browsers,
    dawn,
    missing: missingFrom(browsers, dawn, hasGpuDevice()),
  };
}

async function examine(open: (say: (line: string) => void) => Promise<ProvenHost>): Promise<HostDiagnosis> {
  const notes: string[] = [];
  try {
    const { host, adapter } = await open((line) => notes.push(line));
    await host.close();
    return { version: host.version, adapter, notes };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), notes };
  }
}

/** What a person might want to get, given what was found. */
export function missingFrom(browsers: readonly HostDiagnosis[], dawn: HostDiagnosis, hasGpu: boolean): string[] {
  const missing: string[] = [];
  if (!browsers.some(({ adapter }) => adapter)) {
    missing.push(
      "A browser with WebGPU: install Google Chrome or Chromium (`npx playwright-core install chromium`; as root on " +
        "Debian `apt-get install chromium`). `reparam train` does so by itself where it can.",
    );
  }
  if (!dawn.adapter) missing.push(`Dawn, which is optional: ${dawn.problem}`);
  const working = [...browsers, dawn].filter(({ adapter }) => adapter);
  if (hasGpu && working.length > 0 && working.every(({ adapter }) => adapter?.fallback)) {
    missing.push(
      "A driver: there is a GPU, but only software answers. Install its Vulkan driver (mesa-vulkan-drivers, or NVIDIA's) " +
        "and let this user open /dev/dri/renderD* (groups render and video).",
    );
  }
  return missing;
}

/** The diagnosis as text for people, several lines. */
export function renderDiagnosis({ node, platform, environment, browsers, dawn, missing }: Diagnosis): string {
  const lines = [`Node      ${node}, ${platform}`];
  for (const [name, value] of Object.entries(environment)) lines.push(`          ${name}=${value}`);
  for (const browser of browsers)
    lines.push("", `Chromium  ${browser.path} (${browser.source})`, ...renderHost(browser));
  if (browsers.length === 0) lines.push("", "Chromium  none found");
  lines.push("", "Dawn", ...renderHost(dawn), "");
  lines.push(...(missing.length === 0 ? ["Nothing is missing."] : ["Missing:", ...missing.map((line) => `- ${line}`)]));
  return lines.join("\n");
}

function renderHost({ version, adapter, problem, notes }: HostDiagnosis): string[] {
  const lines = notes.map((note) => `note      ${note}`);
  if (!adapter) lines.push(`unusable  ${problem}`);
  else {
    const [smallest, largest] = adapter.subgroupSizes;
    const features = optionalFeatures.map((name) => `${name} ${adapter.features.includes(name) ? "yes" : "no"}`);
    lines.push(`version   ${version}`, `adapter   ${adapterName(adapter)}`);
    lines.push(
      `features  ${features.join(", ")}${largest > 0 ? `; subgroups of ${smallest} to ${largest} lanes` : ""}`,
    );
    lines.push(...limitsShown.map((name) => `limit     ${name} ${adapter.limits[name]?.toLocaleString("en")}`));
  }
  return lines.map((line) => `  ${line}`);
}
