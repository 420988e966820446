// Finding and starting the browser, behind one function.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

export async function launchBrowser() {
  const candidates = [process.env.CHROME_PATH, chromium.executablePath(), ...USUAL_PLACES];
  const executablePath = candidates.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("No Chromium found: set CHROME_PATH, or run `npx playwright install chromium`.");
  const args = ["--enable-unsafe-webgpu"];
  if (process.getuid?.() === 0) args.push("--no-sandbox"); // Chromium's sandbox refuses to run as root
  return chromium.launch({ executablePath, args });
}
