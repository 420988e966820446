import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import type { Page } from "playwright-core";
import { onceARun } from "../support/once-a-run.ts";

const checkout = fileURLToPath(new URL("../../", import.meta.url));

/** A folder with demo/examples in it and the packed library, and nothing else, in its node_modules. */
export interface Installed {
  readonly folder: string;
  dispose(): void;
}

/** Packs the built library as npm would publish it, and unpacks that beside the examples. */
export async function installPacked(): Promise<Installed> {
  const packed = await onceARun("packed", (destination) => {
    const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", destination];
    execFileSync("npm", pack, { cwd: checkout, shell: process.platform === "win32" });
  });
  const folder = mkdtempSync(join(tmpdir(), "reparam-test-package-"));
  const library = join(folder, "node_modules/reparam");
  mkdirSync(library, { recursive: true });
  const [tarball] = readdirSync(packed);
  execFileSync("tar", ["-xzf", join(packed, tarball), "--strip-components=1", "-C", library]);
  cpSync(join(checkout, "demo/examples"), folder, { recursive: true });
  return { folder, dispose: () => rmSync(folder, { recursive: true }) };
}

/** Opens a page and waits until it says that it is done or has failed; what went wrong is in `problems`. */
export async function openUntilDone(page: Page, address: string): Promise<{ says: string; problems: string[] }> {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(address);
  await page.waitForSelector("body.done, body.failed", { state: "attached" });
  return { says: (await page.textContent("#says")) ?? "", problems };
}

/** That a canvas of so many images shows light strokes on a dark ground. */
export async function expectDigits(page: Page, count: number): Promise<void> {
  const { width, height, values } = await page.evaluate(() => {
    const canvas = document.querySelector("canvas")!;
    const { width, height } = canvas;
    const bytes = canvas.getContext("2d")!.getImageData(0, 0, width, height).data;
    return { width, height, values: Array.from(bytes).filter((_, i) => i % 4 === 0) };
  });
  expect([width, height]).toEqual([28 * count, 28]);
  for (let k = 0; k < count; k++) {
    const image = values.filter((_, i) => Math.floor((i % width) / 28) === k);
    const share = (wanted: (value: number) => boolean) => image.filter(wanted).length / image.length;
    expect(share((value) => value > 128)).toBeGreaterThan(0.02);
    expect(share((value) => value > 128)).toBeLessThan(0.4);
    expect(share((value) => value < 32)).toBeGreaterThan(0.4);
  }
}
