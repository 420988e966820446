import { expect, test } from "@playwright/test";
import { dawnHost, openDawn } from "../../src/host/dawn.ts";
import type { Host, Message } from "../../src/host/job.ts";
import { probeHost } from "../../src/host/probe.ts";
import { runTestJob } from "./jobs.ts";

const jobsHost = dawnHost({} as GPU, runTestJob); // these jobs need no GPU

async function runCollecting(host: Host, job: Message): Promise<Message[]> {
  const received: Message[] = [];
  await host.run(job, (message) => void received.push(message));
  return received;
}

test("Dawn computes in this process and says which adapter and version it is", async () => {
  // Where the system has no Vulkan loader, another test of this process may have come before the browser's was loaded.
  const opened = await openDawn({ say() {} }).catch((error: { code?: string }) => {
    if (error.code !== "device") throw error;
  });
  test.skip(!opened, "no Vulkan driver of this system works with Dawn");
  const { host, adapter } = opened!;
  expect(host.kind).toBe("dawn");
  expect(host.version).toMatch(/^Dawn \(webgpu \d+\.\d+\.\d+\)$/);
  expect(adapter.limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(128);
  expect(adapter.features).toEqual([...adapter.features].sort());
  expect(await probeHost(host)).toEqual(adapter);
  await host.close();
});

test("messages arrive in order, each after the receiver is done with the last", async () => {
  let busy = 0;
  const received: unknown[] = [];
  await jobsHost.run({ body: { kind: "echo", count: 20, body: null } }, async ({ body }) => {
    expect(++busy).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    busy--;
    received.push(body.index);
  });
  expect(received).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test("what was emitted is what the array held then", async () => {
  const received = await runCollecting(jobsHost, { body: { kind: "reuse" } });
  expect(received.map(({ blobs }) => [...blobs!.bytes])).toEqual([
    [0, 0, 0, 0],
    [1, 1, 1, 1],
    [2, 2, 2, 2],
  ]);
});

test("an abort asks the job to stop, and what it then saves still arrives", async () => {
  const stop = new AbortController();
  const received: Message[] = [];
  const receive = (message: Message) => {
    received.push(message);
    if (received.length === 5) stop.abort();
  };
  await jobsHost.run({ body: { kind: "untilAborted" } }, receive, stop.signal);
  expect(received.map(({ body }) => body)).toEqual([...[0, 1, 2, 3, 4].map((tick) => ({ tick })), { saved: true }]);
});

test("errors are those of the browser host: code and sentence, and a mistake's origin as the cause", async () => {
  await expect(runCollecting(jobsHost, { body: { kind: "refuse" } })).rejects.toMatchObject({
    name: "ReparamError",
    code: "checkpoint",
    message: "The checkpoint is another model's.",
  });
  const error = await runCollecting(jobsHost, { body: { kind: "blunder" } }).catch((error) => error);
  expect(error).toMatchObject({ name: "ReparamError", code: "device", message: expect.stringMatching(/^TypeError: /) });
  expect(error.cause.stack).toContain("jobs.ts");
});

test("a receiver that fails ends the run with its own error, and hears no more", async () => {
  const full = new Error("the disk is full");
  let received = 0;
  const run = jobsHost.run({ body: { kind: "echo", count: 5, body: null } }, () => {
    received++;
    throw full;
  });
  await expect(run).rejects.toBe(full);
  expect(received).toBe(1);
});
