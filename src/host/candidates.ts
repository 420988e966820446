import { posix, win32 } from "node:path";
import type { Machine } from "./machine.ts";

/** A browser that may do. */
export interface Candidate {
  readonly path: string;
  /** Where it was found, for people. */
  readonly source: "CHROME_PATH" | "Playwright's download" | "installed";
}

const pathNames: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [
    "google-chrome-stable",
    "google-chrome",
    "chromium",
    "chromium-browser",
    "microsoft-edge-stable",
    "microsoft-edge",
  ],
  darwin: ["google-chrome", "chromium", "microsoft-edge"],
  win32: ["chrome.exe", "chromium.exe", "msedge.exe"],
};

// The programs themselves, which stand even where PATH is bare; Debian's /usr/bin/chromium is a script before the second.
const linuxPlaces = [
  "/opt/google/chrome/chrome",
  "/usr/lib/chromium/chromium",
  "/usr/lib/chromium-browser/chromium-browser",
  "/snap/bin/chromium",
  "/opt/microsoft/msedge/msedge",
];
const macApps = ["Google Chrome", "Chromium", "Microsoft Edge"];
const windowsPlaces = [
  "Google/Chrome/Application/chrome.exe",
  "Chromium/Application/chrome.exe",
  "Microsoft/Edge/Application/msedge.exe",
];

/**
 * The browsers to try, best first, without those that need installing: CHROME_PATH alone where it is set; otherwise
 * Playwright's own download, then Chrome, Chromium and Edge on PATH and in their usual places. Only files that exist
 * (save CHROME_PATH, whose absence must be reported), each once.
 */
export function findCandidates(machine: Machine, playwrightPath: string): Candidate[] {
  const chosen = machine.env.CHROME_PATH;
  if (chosen) return [{ path: chosen, source: "CHROME_PATH" }];
  const seen = new Set<string>();
  const found: Candidate[] = [];
  const add = (path: string, source: Candidate["source"]) => {
    if (!machine.isFile(path)) return;
    const real = machine.realPath(path);
    if (seen.has(real)) return;
    seen.add(real);
    found.push({ path, source });
  };
  add(playwrightPath, "Playwright's download");
  for (const path of [...pathPlaces(machine), ...usualPlaces(machine)]) add(path, "installed");
  return found;
}

function pathPlaces({ platform, env }: Machine): string[] {
  const { join, delimiter } = platform === "win32" ? win32 : posix;
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter((folder) => folder !== "");
  const names = pathNames[platform] ?? [];
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function usualPlaces({ platform, env, home }: Machine): string[] {
  if (platform === "linux") return linuxPlaces;
  if (platform === "darwin") {
    return macApps.flatMap((app) =>
      ["/Applications", `${home}/Applications`].map((at) => `${at}/${app}.app/Contents/MacOS/${app}`),
    );
  }
  if (platform === "win32") {
    const folders = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter(
      (folder) => folder !== undefined,
    );
    return windowsPlaces.flatMap((place) => folders.map((folder) => win32.join(folder, place)));
  }
  return [];
}
