import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { driverFile } from "../support/dawn.ts";

/** The Firefox of FIREFOX_PATH or of PATH; undefined where there is none. */
export function firefoxHere(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const files = ["firefox-esr", "firefox"].flatMap((name) => folders.map((folder) => join(folder, name)));
  return [process.env.FIREFOX_PATH ?? [], files].flat().find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const PREFERENCES = {
  "dom.webgpu.enabled": true,
  "gfx.webgpu.ignore-blocklist": true,
  // A fresh profile would open pages of its own, and ask its maker's servers for news.
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "datareporting.healthreport.uploadEnabled": false,
  "toolkit.telemetry.enabled": false,
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
};

export interface Firefox {
  /** Rejects when the browser ends, with what it said. */
  readonly ended: Promise<never>;
  close(): Promise<void>;
}

/** Opens an address in a headless Firefox of its own profile, with WebGPU on the software driver that compiles in least time. */
export function openFirefox(file: string, address: string): Firefox {
  const profile = mkdtempSync(join(tmpdir(), "reparam-test-firefox-"));
  const lines = Object.entries(PREFERENCES).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});\n`);
  writeFileSync(join(profile, "user.js"), lines.join(""));
  const driver = process.env.VK_DRIVER_FILES ?? driverFile("swiftshader") ?? driverFile("lavapipe");
  const child: ChildProcess = spawn(file, ["--headless", "--no-remote", "--profile", profile, address], {
    env: { ...process.env, HOME: profile, MOZ_HEADLESS: "1", ...(driver && { VK_DRIVER_FILES: driver }) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  let said = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data) => (said += data));
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const ended = closed.then(() => {
    throw new Error(`Firefox ended: ${said.slice(-2000)}`);
  });
  ended.catch(() => {}); // whoever waits for it gets the error
  return {
    ended,
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        // Its helper processes are of its group.
        if (process.platform === "win32") child.kill();
        else process.kill(-child.pid!, "SIGKILL");
      }
      await closed;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
