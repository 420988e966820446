import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import type { Host, Json, Message } from "../../src/host/job.ts";
import { long, onlyLong } from "../support/long.ts";
import { browserProcesses, buildPage, launchWith, profilesOf, START_MILLISECONDS } from "./chromium-support.ts";

const linuxOnly = "reads /proc";
let folder: string;
let jobsPage: string;
let host: Host;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "reparam-test-"));
  jobsPage = await buildPage("jobs", join(folder, "jobs"));
  host = await launchWith(jobsPage);
});
test.afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

/** Tells the browser processes that began since this call: a browser ends idle ones of its own at any time, so a count says little. */
function processesSinceNow(): () => ReturnType<typeof browserProcesses> {
  const before = new Set(browserProcesses(process.pid).map(({ pid }) => pid));
  return () => browserProcesses(process.pid).filter(({ pid }) => !before.has(pid));
}

async function runCollecting(job: Message): Promise<Message[]> {
  const received: Message[] = [];
  await host.run(job, (message) => void received.push(message));
  return received;
}

test("the browser names itself and its version", () => {
  expect(host.kind).toBe("chromium");
  expect(host.version).toMatch(/^Chromium \d+\.\d+/);
});

test("text and bulk data survive the way to the browser and back, all of it and in order", async () => {
  const name = fc.string({ unit: "grapheme" });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, fc.jsonValue({ stringUnit: "grapheme" }) as fc.Arbitrary<Json>),
      fc.dictionary(name, fc.uint8Array({ maxLength: 100_000 })),
      fc.integer({ min: 0, max: 20 }),
      async (body, blobs, count) => {
        const received = await runCollecting({ body: { kind: "echo", count, body }, blobs });
        expect(received.map((message) => message.body.index)).toEqual(Array.from({ length: count }, (_, i) => i));
        for (const message of received) {
          expect(message.body.body).toEqual(JSON.parse(JSON.stringify(body)));
          expect(message.blobs).toEqual(blobs);
        }
      },
    ),
    { numRuns: long ? 25 : 8 },
  );
});

test("blobs of 0 bytes and of 30 MB travel both ways", async () => {
  const large = new Uint8Array(30 << 20);
  for (let i = 0; i < large.length; i++) large[i] = (i * 2654435761) >>> 24;
  const blobs = { large, empty: new Uint8Array(0) };
  const received = await runCollecting({ body: { kind: "echo", count: 3, body: null }, blobs });
  expect(received).toHaveLength(3);
  for (const message of received) {
    expect(Buffer.compare(message.blobs!.large, large)).toBe(0);
    expect(message.blobs!.empty.byteLength).toBe(0);
  }
});

test("what was emitted is what the array held then, not what it held when it was sent", async () => {
  const received = await runCollecting({ body: { kind: "reuse" } });
  expect(received.map(({ blobs }) => [...blobs!.bytes])).toEqual([
    [0, 0, 0, 0],
    [1, 1, 1, 1],
    [2, 2, 2, 2],
  ]);
});

test("the next message waits for the receiver", async () => {
  let busy = 0;
  let most = 0;
  await host.run({ body: { kind: "echo", count: 20, body: null } }, async () => {
    most = Math.max(most, ++busy);
    await new Promise((resolve) => setTimeout(resolve, 2));
    busy--;
  });
  expect(most).toBe(1);
});

test("an abort asks the job to stop, and what it then saves still arrives", async () => {
  const stop = new AbortController();
  const received: Message[] = [];
  const receive = (message: Message) => {
    received.push(message);
    if (received.length === 5) stop.abort();
  };
  await host.run({ body: { kind: "untilAborted" } }, receive, stop.signal);
  expect(received.length).toBeGreaterThanOrEqual(6);
  expect(received.at(-1)!.body).toEqual({ saved: true });
});

test("a job that starts aborted knows it", async () => {
  const received: Message[] = [];
  await host.run({ body: { kind: "untilAborted" } }, (message) => void received.push(message), AbortSignal.abort());
  expect(received.map(({ body }) => body)).toEqual([{ saved: true }]);
});

test("a job's error keeps its code and its sentence", async () => {
  const error = await host.run({ body: { kind: "refuse" } }, () => {}).catch((error) => error);
  expect(error).toMatchObject({
    name: "ReparamError",
    code: "checkpoint",
    message: "The checkpoint is another model's.",
  });
  expect(error.cause).toBeUndefined();
});

test("a mistake in a job is reported in one line, with the place it came from as the cause", async () => {
  const error = await host.run({ body: { kind: "blunder" } }, () => {}).catch((error) => error);
  expect(error.code).toBe("device");
  expect(error.message).toMatch(/^TypeError: .*undefined/);
  expect(error.message).not.toContain("\n");
  expect(error.cause.stack).toContain("worker");
});

test("a receiver that fails stops the job, and its own error comes out", async () => {
  const full = new Error("the disk is full");
  let received = 0;
  const run = host.run({ body: { kind: "untilAborted" } }, () => {
    if (++received === 3) throw full;
  });
  await expect(run).rejects.toBe(full);
  expect(received).toBe(3);
});

test("a host runs one job after another, after failures too", async () => {
  await host.run({ body: { kind: "refuse" } }, () => {}).catch(() => {});
  expect(await runCollecting({ body: { kind: "echo", count: 2, body: null } })).toHaveLength(2);
});

test("a worker whose script is missing is an error, not a wait", async () => {
  const page = await buildPage("broken", join(folder, "broken"));
  const broken = await launchWith(page);
  try {
    await expect(broken.run({ body: {} }, () => {})).rejects.toMatchObject({
      code: "device",
      message: expect.stringContaining("did not load"),
    });
  } finally {
    await broken.close();
  }
});

test("a worker that never comes for its job is an error when the time is up, which it is at once here", async () => {
  const page = join(folder, "hanging");
  mkdirSync(page);
  writeFileSync(
    join(page, "index.html"),
    "<script>globalThis.reparam = { run: () => new Promise(() => {}), abort() {} }</script>",
  );
  const hanging = await launchWith(page);
  const { setTimeout } = globalThis;
  globalThis.setTimeout = ((act: () => void, milliseconds?: number) =>
    setTimeout(act, milliseconds === START_MILLISECONDS ? 0 : milliseconds)) as typeof setTimeout;
  try {
    await expect(hanging.run({ body: {} }, () => {})).rejects.toMatchObject({
      code: "device",
      message: `The browser's worker did not start within ${START_MILLISECONDS / 1000} seconds.`,
    });
  } finally {
    globalThis.setTimeout = setTimeout;
    await hanging.close();
  }
});

test("a program that is no browser is refused in one sentence", async () => {
  const { launchChromium } = await import("../../src/host/chromium.ts");
  const options = { executablePath: process.execPath, flags: [], sandbox: true, pageFolder: jobsPage };
  const error = await launchChromium(options).catch((error) => error);
  expect(error).toMatchObject({ name: "ReparamError", code: "device" });
  expect(error.message).toMatch(/^It did not start: [^\n]+\.$/);
});

for (const [what, type, sentence] of [
  ["page", "renderer", "The browser's page crashed"],
  ["browser", "browser", "The browser"],
] as const) {
  test(`a ${what} killed in the middle of a job ends the job with code "device"`, async () => {
    test.skip(process.platform !== "linux", linuxOnly);
    const newProcesses = processesSinceNow();
    const doomed = await launchWith(jobsPage);
    try {
      const run = doomed.run({ body: { kind: "untilAborted" } }, ({ body }) => {
        if (body.tick !== 3) return;
        for (const victim of newProcesses()) if (victim.type === type) process.kill(victim.pid, "SIGKILL");
      });
      await expect(run).rejects.toMatchObject({ code: "device", message: expect.stringContaining(sentence) });
    } finally {
      await doomed.close();
    }
  });
}

test("closing, even twice and in the middle of a job, leaves no process, no profile and no server", async () => {
  test.skip(process.platform !== "linux", linuxOnly);
  const newProcesses = processesSinceNow();
  const profiles = profilesOf(process.pid).length;
  const closing = await launchWith(jobsPage);
  expect(newProcesses()).not.toEqual([]);
  let stopped: Promise<void> | undefined;
  const run = closing.run({ body: { kind: "untilAborted" } }, () => {
    stopped ??= closing.close();
  });
  await expect(run).rejects.toMatchObject({ code: "device" });
  await stopped;
  await closing.close();
  await expect.poll(newProcesses).toEqual([]);
  expect(profilesOf(process.pid)).toHaveLength(profiles);
});

test("a browser that no longer answers is closed by force", async () => {
  test.skip(!long, onlyLong);
  test.skip(process.platform !== "linux", linuxOnly);
  const newProcesses = processesSinceNow();
  const stuck = await launchWith(jobsPage);
  for (const { pid, type } of newProcesses()) if (type === "browser") process.kill(pid, "SIGSTOP");
  await stuck.close();
  await expect.poll(newProcesses).toEqual([]);
});

test("the profile of a process that was killed is removed by the next launch, and no other", async () => {
  const dead = join(tmpdir(), `reparam-chromium-${hostname()}-4194304-abc`); // above Linux's largest process id
  const elsewhere = join(tmpdir(), "reparam-chromium-another.machine-4194304-abc");
  mkdirSync(dead);
  mkdirSync(elsewhere);
  try {
    await (await launchWith(jobsPage)).close();
    const left = (await import("node:fs")).readdirSync(tmpdir());
    expect(left).not.toContain(dead.split("/").at(-1));
    expect(left).toContain(elsewhere.split("/").at(-1));
  } finally {
    rmSync(dead, { recursive: true, force: true });
    rmSync(elsewhere, { recursive: true });
  }
});
