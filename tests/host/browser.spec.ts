import { expect, test } from "@playwright/test";
import { ReparamError } from "../../src/errors.ts";
import { findBrowser } from "../../src/host/browser.ts";
import { findCandidates } from "../../src/host/candidates.ts";
import { type FlagSet, flagSets } from "../../src/host/flags.ts";
import type { Machine } from "../../src/host/machine.ts";
import type { ProvenBrowser } from "../../src/host/remembered.ts";

const playwrightPath = "/cache/chromium/chrome";

/** A made-up machine; `runs` collects the commands that it was asked to run, and `onRun` says how they end. */
function machineWith(files: string[], extra: Partial<Machine> = {}, onRun: (line: string) => boolean = () => false) {
  const runs: string[] = [];
  const machine: Machine = {
    platform: "linux",
    env: { PATH: "/usr/local/bin:/usr/bin" },
    home: "/home/ada",
    isRoot: false,
    isFile: (path) => files.includes(path),
    realPath: (path) => path,
    fileState: (path) => (files.includes(path) ? "1 byte" : ""),
    readText: () => "",
    async run(command, args) {
      const line = [command, ...args].join(" ");
      runs.push(line);
      return onRun(line);
    },
    ...extra,
  };
  return { machine, runs };
}

const proven = (version: string) => ({ host: { version } }) as unknown as ProvenBrowser;
const useless = (path: string) => Promise.reject(new ReparamError("device", `${path} is of no use.`));
const debian = { isRoot: true, readText: () => 'PRETTY_NAME="Debian"\nID=debian\n' };
const ubuntu = { isRoot: true, readText: () => "ID=ubuntu\nID_LIKE=debian\n" };

test("candidates come in order: Playwright's download, then what is on PATH, then the usual places", () => {
  const files = ["/opt/google/chrome/chrome", "/usr/bin/chromium", "/usr/local/bin/google-chrome", playwrightPath];
  const { machine } = machineWith(files);
  expect(findCandidates(machine, playwrightPath)).toEqual([
    { path: playwrightPath, source: "Playwright's download" },
    { path: "/usr/local/bin/google-chrome", source: "installed" },
    { path: "/usr/bin/chromium", source: "installed" },
    { path: "/opt/google/chrome/chrome", source: "installed" },
  ]);
});

test("one browser under two names is one candidate", () => {
  const { machine } = machineWith(["/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"], {
    realPath: () => "/opt/google/chrome/google-chrome",
  });
  expect(findCandidates(machine, playwrightPath)).toHaveLength(1);
});

test("CHROME_PATH, when set, is the only candidate, and an empty one counts as not set", () => {
  const { machine } = machineWith([playwrightPath]);
  const withPath = { ...machine, env: { CHROME_PATH: "/my/chrome" } };
  expect(findCandidates(withPath, playwrightPath)).toEqual([{ path: "/my/chrome", source: "CHROME_PATH" }]);
  expect(findCandidates({ ...machine, env: { CHROME_PATH: "" } }, playwrightPath)).toHaveLength(1);
});

test("macOS and Windows browsers are found where they usually are", () => {
  const mac = "/home/ada/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge";
  expect(findCandidates(machineWith([mac], { platform: "darwin" }).machine, playwrightPath)).toEqual([
    { path: mac, source: "installed" },
  ]);
  const windows = "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe";
  const env = {
    PROGRAMFILES: "C:\\Program Files",
    "PROGRAMFILES(X86)": "C:\\Program Files (x86)",
    Path: "C:\\Windows",
  };
  expect(findCandidates(machineWith([windows], { platform: "win32", env }).machine, playwrightPath)).toEqual([
    { path: windows, source: "installed" },
  ]);
});

test("the first candidate that computes is taken, and nothing is installed", async () => {
  const { machine, runs } = machineWith(["/usr/bin/google-chrome", "/usr/bin/chromium"]);
  const tried: string[] = [];
  const found = await findBrowser({
    machine,
    playwrightPath,
    install: true,
    say() {},
    async prove(path) {
      tried.push(path);
      return path.endsWith("chromium") ? proven("good") : useless(path);
    },
  });
  expect(found.host.version).toBe("good");
  expect(tried).toEqual(["/usr/bin/google-chrome", "/usr/bin/chromium"]);
  expect(runs).toEqual([]);
});

test("a CHROME_PATH that is of no use is an error that names it, and no other browser is tried", async () => {
  const { machine, runs } = machineWith(["/usr/bin/chromium", playwrightPath]);
  const tried: string[] = [];
  const search = findBrowser({
    machine: { ...machine, env: { CHROME_PATH: "/my/chrome" } },
    playwrightPath,
    install: true,
    say() {},
    prove(path) {
      tried.push(path);
      return useless(path);
    },
  });
  await expect(search).rejects.toMatchObject({
    code: "device",
    message: "The browser that CHROME_PATH names, /my/chrome, is of no use: /my/chrome is of no use.",
  });
  expect(tried).toEqual(["/my/chrome"]);
  expect(runs).toEqual([]);
});

test("without a browser Playwright's is installed, its progress announced, and then it is proven", async () => {
  const files: string[] = [];
  const said: string[] = [];
  const { machine, runs } = machineWith(files, {}, () => {
    files.push(playwrightPath);
    return true;
  });
  const prove = async (path: string) => proven(path);
  const found = await findBrowser({ machine, playwrightPath, prove, install: true, say: (line) => said.push(line) });
  expect(found.host.version).toBe(playwrightPath);
  expect(runs).toEqual([expect.stringMatching(/playwright-core.cli\.js install --no-shell chromium$/)]);
  expect(said).toEqual([expect.stringContaining("installing Playwright's Chromium")]);
});

test("as root on Debian the chromium package follows when Playwright's download fails", async () => {
  const files = ["/usr/lib/x86_64-linux-gnu/libnss3.so"];
  const { machine, runs } = machineWith(files, debian, (line) => {
    if (line.startsWith("apt-get") && line.includes(" install ")) files.push("/usr/bin/chromium");
    return line.startsWith("apt-get");
  });
  const prove = async (path: string) => proven(path);
  const found = await findBrowser({ machine, playwrightPath, prove, install: true, say() {} });
  expect(found.host.version).toBe("/usr/bin/chromium");
  expect(runs).toHaveLength(3);
  expect(runs[0]).toContain("cli.js install");
  expect(runs[1]).toMatch(/^apt-get .*update$/);
  expect(runs[2]).toMatch(/^apt-get .*install -y --no-install-recommends chromium$/);
});

test("on a Debian without the libraries that Playwright's Chromium needs, its download is left out", async () => {
  const { machine, runs } = machineWith([], debian);
  await expect(findBrowser({ machine, playwrightPath, prove: useless, install: true, say() {} })).rejects.toThrow();
  expect(runs.map((line) => line.split(" ")[0])).toEqual(["apt-get"]);
});

test("on Ubuntu Playwright's Chromium brings its system libraries along", async () => {
  const { machine, runs } = machineWith([], ubuntu);
  await expect(findBrowser({ machine, playwrightPath, prove: useless, install: true, say() {} })).rejects.toThrow();
  expect(runs[0]).toContain("install --no-shell --with-deps chromium");
});

test("an ordinary user never runs apt-get, and who said no downloads gets none", async () => {
  const env = { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
  const { machine, runs } = machineWith([], { ...debian, isRoot: false, env });
  await expect(findBrowser({ machine, playwrightPath, prove: useless, install: true, say() {} })).rejects.toThrow();
  expect(runs).toEqual([]);
});

test("when nothing helps, the error says what was tried and what to do", async () => {
  const { machine, runs } = machineWith(["/usr/bin/chromium"]);
  const search = (install: boolean) => findBrowser({ machine, playwrightPath, prove: useless, install, say() {} });
  await expect(search(false)).rejects.toMatchObject({
    code: "device",
    message: expect.stringMatching(
      /^No browser here computes on WebGPU\. Tried: \/usr\/bin\/chromium \(installed\): .* is of no use; nothing was installed, as --no-install says\. Install .*CHROME_PATH/,
    ),
  });
  expect(runs).toEqual([]);
  await expect(search(true)).rejects.toThrow(/installing Playwright's Chromium .*failed/);
});

test("flags that need a GPU come first where there is one, and are left out where there is none", () => {
  const needsGpu = ({ flags }: FlagSet) => flags.includes("--use-angle=vulkan");
  const withGpu = flagSets({ platform: "linux" }, true);
  expect(withGpu.map(needsGpu)).toEqual([true, false, false]);
  expect(flagSets({ platform: "linux" }, false).some(needsGpu)).toBe(false);
  expect(flagSets({ platform: "darwin" }, false)[0].flags).toEqual(["--enable-unsafe-webgpu"]);
  for (const { flags } of withGpu) expect(flags).toContain("--enable-unsafe-webgpu");
});
