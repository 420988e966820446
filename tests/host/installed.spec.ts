import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { swiftShaderFolders } from "../../src/host/swiftshader.ts";
import { long } from "../support/long.ts";
import { browserProcesses } from "./chromium-support.ts";

// What only the built library in a process of its own can show: that it works from an install folder, that stdout stays
// clean, and that the browser goes when its driver does.

const checkout = fileURLToPath(new URL("../../", import.meta.url));

/** Runs `script` as a module in `folder`, with the built hosts imported as `hosts`. */
function node(folder: string, library: string, script: string, env: Record<string, string> = {}): ChildProcess {
  const text = `import * as hosts from ${JSON.stringify(join(library, "dist/host/index.js"))};\n${script}`;
  return spawn(process.execPath, ["--input-type=module", "--eval", text], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function finished(child: ChildProcess) {
  let stdout = "";
  let stderr = "";
  child.stdout!.on("data", (data) => (stdout += data));
  child.stderr!.on("data", (data) => (stderr += data));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

test.describe("installed as a dependency", () => {
  let project: string;
  let library: string;

  test.beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), "reparam-test-project-"));
    library = join(project, "node_modules/reparam");
    mkdirSync(library, { recursive: true });
    cpSync(join(checkout, "dist"), join(library, "dist"), { recursive: true });
    cpSync(join(checkout, "package.json"), join(library, "package.json"));
    for (const name of ["playwright-core", "commander"]) {
      symlinkSync(join(checkout, "node_modules", name), join(project, "node_modules", name));
    }
    mkdirSync(join(project, "node_modules/webgpu")); // empty: hides one that a folder further up may have
  });
  test.afterAll(() => rmSync(project, { recursive: true }));

  test("the browser host finds its page beside it and computes, with its own driver where a choice of Vulkan drivers leaves none", async () => {
    const { code, stdout, stderr } = await finished(
      node(
        project,
        library,
        `const { host, adapter } = await hosts.openChromium({ install: false, say: console.error });
         console.log(JSON.stringify({ version: host.version, most: adapter.limits.maxStorageBuffersPerShaderStage }));
         await host.close();`,
        { VK_DRIVER_FILES: "/no/such/driver.json" },
      ),
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toEqual({ version: expect.stringMatching(/^Chromium /), most: expect.any(Number) });
    expect(JSON.parse(stdout).most).toBeGreaterThanOrEqual(8);
  });

  test("without the package webgpu, Dawn says in one sentence how to get it", async () => {
    const { stdout } = await finished(
      node(
        project,
        library,
        `await hosts.openDawn({ say() {} }).catch(({ code, message }) => console.log(JSON.stringify({ code, message })));`,
      ),
    );
    expect(JSON.parse(stdout)).toEqual({
      code: "device",
      message: "Dawn is not installed: run `npm install webgpu`, or take --host chromium.",
    });
  });
});

test("a CHROME_PATH that leads nowhere is an error in one sentence", async () => {
  const { stdout } = await finished(
    node(
      checkout,
      checkout,
      `await hosts.openChromium({ install: true, say: console.error }).catch((error) => console.log(error.message));`,
      { CHROME_PATH: "/no/such/chrome" },
    ),
  );
  expect(stdout).toBe("The browser that CHROME_PATH names, /no/such/chrome, is of no use: There is no such file.\n");
});

test("Dawn writes nothing to stdout, not even an uncaptured GPU error, which listeners still get", async () => {
  const { code, stdout, stderr } = await finished(
    node(
      checkout,
      checkout,
      `const { host } = await hosts.openDawn({ say: console.error });
       const { create } = await import("webgpu");
       const adapter = await create([]).requestAdapter();
       if (!adapter) process.exit(3);
       const device = await adapter.requestDevice();
       device.addEventListener("uncapturederror", ({ error }) => console.error("heard: " + error.message));
       device.createShaderModule({ code: "fn nonsense(" });
       await device.queue.onSubmittedWorkDone();
       console.log("done");
       process.exit(0);`,
    ),
  );
  test.skip(code === 3, "no Vulkan driver of this system works with Dawn");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "done\n" });
  expect(stderr).toContain("heard: ");
});

test("where no Vulkan driver works, Dawn takes the SwiftShader of an installed Chromium and says so", async () => {
  test.skip(process.platform !== "linux", "Vulkan drivers are chosen by a Linux loader");
  test.skip(swiftShaderFolders().length === 0, "no installed browser here has a SwiftShader beside it");
  const { code, stdout, stderr } = await finished(
    node(
      checkout,
      checkout,
      `const { adapter } = await hosts.openDawn({ say: console.error });
       console.log(adapter.architecture, process.env.VK_DRIVER_FILES || "unset");
       process.exit(0);`,
      // The Vulkan loader then passes over every driver whose file is named otherwise.
      { VK_LOADER_DRIVERS_SELECT: "*swiftshader*", VK_DRIVER_FILES: "" },
    ),
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: "swiftshader unset\n" });
  expect(stderr).toContain("using the SwiftShader of");
});

for (const signal of long ? (["SIGINT", "SIGKILL"] as const) : (["SIGKILL"] as const)) {
  test(`no browser process outlives a driver that ${signal} ended in the middle of its work`, async () => {
    test.skip(process.platform !== "linux", "reads /proc");
    const driver = node(
      checkout,
      checkout,
      `const { host } = await hosts.openChromium({ install: false, say: console.error });
       console.log("up");
       const values = new Uint8Array(256);
       for (;;) await host.run({ body: { kind: "probe" }, blobs: { values } }, () => {});`,
    );
    const ended = new Promise((resolve) => driver.once("close", resolve));
    await new Promise((resolve) => driver.stdout!.once("data", resolve));
    expect(browserProcesses(driver.pid!).length).toBeGreaterThan(1);
    driver.kill(signal);
    await ended;
    await expect.poll(() => browserProcesses(driver.pid!)).toEqual([]);
  });
}
