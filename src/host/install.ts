import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Machine } from "./machine.ts";

/** A way to get a browser onto this machine. */
export interface Installer {
  /** For people: what will be done. */
  readonly description: string;
  /** Installs, with its progress on stderr; false if that failed or took too long. */
  readonly install: () => Promise<boolean>;
}

const minutes = 60_000;
const aptEnv = { DEBIAN_FRONTEND: "noninteractive" };
// Without a network apt must give up soon, and another apt may hold the lock.
const aptOptions = ["-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1", "-o", "DPkg::Lock::Timeout=120"];

/** The installers that can work on this machine, in the order to try them. */
export function findInstallers(machine: Machine): Installer[] {
  const apt = machine.isRoot ? aptDistribution(machine) : undefined;
  const playwright: Installer = {
    description: "Playwright's Chromium (a download of some 170 MB)",
    install: () =>
      machine.run(
        process.execPath,
        // On Ubuntu the system libraries that it needs come along; Debian has a better answer, its own package.
        [playwrightCli(), "install", "--no-shell", ...(apt === "ubuntu" ? ["--with-deps"] : []), "chromium"],
        { timeoutMs: 10 * minutes, env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "10000" } },
      ),
  };
  const debian: Installer = {
    description: "the chromium package, with apt-get",
    install: async () =>
      (await machine.run("apt-get", [...aptOptions, "update"], { timeoutMs: 3 * minutes, env: aptEnv })) &&
      (await machine.run("apt-get", [...aptOptions, "install", "-y", "--no-install-recommends", "chromium"], {
        timeoutMs: 10 * minutes,
        env: aptEnv,
      })),
  };
  const installers: Installer[] = [];
  // Playwright's download needs NSS and its kin from the system: without them it is 170 MB for nothing.
  const bareDebian = apt === "debian" && !hasLibrary(machine, "libnss3.so");
  if (!machine.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD && !bareDebian) installers.push(playwright);
  if (apt) installers.push(debian);
  return installers;
}

/** "debian" or "ubuntu" (or what derives from them), from os-release(5). */
function aptDistribution(machine: Machine): "debian" | "ubuntu" | undefined {
  if (machine.platform !== "linux") return undefined;
  const ids =
    machine
      .readText("/etc/os-release")
      .match(/^(ID|ID_LIKE)=.*$/gm)
      ?.join(" ") ?? "";
  return /\bubuntu\b/.test(ids) ? "ubuntu" : /\bdebian\b/.test(ids) ? "debian" : undefined;
}

function hasLibrary(machine: Machine, name: string): boolean {
  const folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
  return folders.some((folder) => machine.isFile(`${folder}/${name}`));
}

function playwrightCli(): string {
  return join(dirname(createRequire(import.meta.url).resolve("playwright-core/package.json")), "cli.js");
}
