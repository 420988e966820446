import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { ReparamError } from "../../src/errors.ts";
import { findCandidates } from "../../src/host/candidates.ts";
import type { Host } from "../../src/host/job.ts";
import type { Machine } from "../../src/host/machine.ts";
import type { AdapterReport } from "../../src/host/probe.ts";
import { openRemembered, type RememberedSearch, seenBy } from "../../src/host/remembered.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reparam-remembered-"));
});
test.afterEach(() => rmSync(folder, { recursive: true }));

const adapter = { vendor: "made up", fallback: true } as AdapterReport;
const start = { path: "/usr/bin/chromium", flags: ["--a"], seesGpu: true, sandbox: false };

/** Searches that count what they do; `host` is what either way gives. */
function searches(extra: Partial<RememberedSearch> = {}, host = { version: "1" } as Host) {
  const done = { found: 0, launched: [] as unknown[] };
  const open = () =>
    openRemembered({
      file: join(folder, "cache/browser.json"),
      seen: () => "as it was",
      async launch(start) {
        done.launched.push(start);
        return host;
      },
      async find() {
        done.found++;
        return { host, adapter, start };
      },
      isLasting: () => true,
      ...extra,
    });
  return { done, open };
}

test("a browser is searched for once, then started as it was found, with the adapter that it had", async () => {
  const { done, open } = searches();
  expect((await open()).adapter).toEqual(adapter);
  const { host, adapter: again } = await open();
  expect([host.version, again]).toEqual(["1", adapter]);
  expect(done).toEqual({ found: 1, launched: [start] });
});

test("it is searched for again when what the search depends on has changed", async () => {
  await searches().open();
  const { done, open } = searches({ seen: () => "a new version" });
  await open();
  await open();
  expect(done).toEqual({ found: 1, launched: [start] });
});

test("it is searched for again when it does not start, and when what is kept is damaged", async () => {
  await searches().open();
  const { done, open } = searches({ launch: () => Promise.reject(new ReparamError("device", "It did not start.")) });
  await open();
  expect(done.found).toBe(1);
  writeFileSync(join(folder, "cache/browser.json"), "{");
  const after = searches();
  await after.open();
  expect(after.done).toEqual({ found: 1, launched: [] });
});

test("it is forgotten when a job finds no device, and not when a job fails for another reason", async () => {
  const failing = (code: "device" | "config") =>
    ({ run: () => Promise.reject(new ReparamError(code, "No.")) }) as unknown as Host;
  await searches().open();
  for (const [code, found] of [["config", 0] as const, ["device", 1] as const]) {
    const { host } = await searches({}, failing(code)).open();
    await expect(host.run({ body: { kind: "probe" } }, () => {})).rejects.toThrow("No.");
    const { done, open } = searches();
    await open();
    expect(done.found).toBe(found);
  }
});

test("software beside a GPU is not kept, so that a driver which comes later is found", async () => {
  const { done, open } = searches({ isLasting: ({ fallback }) => !fallback });
  await open();
  await open();
  expect(done).toEqual({ found: 2, launched: [] });
});

test("where nothing can be written, every call searches", async () => {
  writeFileSync(join(folder, "cache"), "a file where the folder would be");
  const { done, open } = searches();
  await open();
  await open();
  expect(done.found).toBe(2);
  expect(readFileSync(join(folder, "cache"), "utf8")).toBe("a file where the folder would be");
});

test("a search depends on which browsers there are, their files' state, the drivers that are chosen, and whether there is a GPU", () => {
  const states: Record<string, string> = { "/usr/bin/chromium": "1 byte" };
  const machine: Machine = {
    platform: "linux",
    env: { PATH: "/usr/bin" },
    home: "/home/ada",
    isRoot: false,
    isFile: (path) => path in states,
    realPath: (path) => path,
    fileState: (path) => states[path] ?? "",
    readText: () => "",
    run: async () => false,
  };
  const seen = (changed: Partial<Machine> = {}, hasGpu = false) => {
    const seeing = { ...machine, ...changed };
    return seenBy(seeing, findCandidates(seeing, "/cache/chrome"), hasGpu);
  };
  const first = seen();
  expect(seen()).toBe(first);
  expect(seen({}, true)).not.toBe(first);
  expect(seen({ isRoot: true })).not.toBe(first);
  expect(seen({ env: { ...machine.env, VK_DRIVER_FILES: "/x.json" } })).not.toBe(first);
  states["/usr/bin/chromium"] = "2 bytes";
  const newer = seen();
  expect(newer).not.toBe(first);
  states["/cache/chrome"] = "1 byte";
  expect(seen()).not.toBe(newer);
});
