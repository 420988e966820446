import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { decodeMessages } from "../../src/host/frame.ts";
import type { Message } from "../../src/host/job.ts";
import { createOutbox } from "../../src/host/page/outbox.ts";
import { type PageServer, startPageServer } from "../../src/host/server.ts";

let folder: string;
let server: PageServer;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "reparam-test-page-"));
  writeFileSync(join(folder, "index.html"), "<p>the page</p>");
  server = await startPageServer(folder);
});
test.afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const post = (url: string) => async (body: Blob) => {
  const response = await fetch(url, { method: "POST", body });
  if (!response.ok) throw new Error(`status ${response.status}`);
};

test("the page is served to who knows the token, and to nobody else", async () => {
  const { origin, pathname } = new URL(server.url);
  const token = pathname.slice(1, -1);
  expect(await (await fetch(server.url)).text()).toBe("<p>the page</p>");
  const wrong = token.slice(0, -1) + (token.endsWith("A") ? "B" : "A");
  const paths = ["/", "/index.html", `/${wrong}/`, `/${token.slice(0, -1)}/`, `/${token}A/`, "//", `/x/${token}/`];
  for (const path of paths) {
    const response = await fetch(origin + path);
    expect([path, response.status, await response.text()]).toEqual([path, 404, ""]);
  }
  expect(token.length).toBeGreaterThanOrEqual(32);
});

/** The status of a request with any headers: `fetch` sets some of them itself. */
const statusWith = (headers: Record<string, string>, method = "GET") =>
  new Promise<number>((resolve, reject) => {
    const asked = request(server.url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    asked.once("error", reject).end();
  });

test("another host, which is how a name bound to this address looks, and another origin get nothing", async () => {
  const { host, port, origin } = new URL(server.url);
  expect(await statusWith({ host })).toBe(200);
  expect(await statusWith({ host, origin })).toBe(200);
  for (const other of [`localhost:${port}`, "127.0.0.1", `evil.example:${port}`, `127.0.0.1:${port}.evil.example`]) {
    expect([other, await statusWith({ host: other })]).toEqual([other, 404]);
  }
  for (const other of ["null", "https://evil.example", `http://localhost:${port}`, `${origin}.evil.example`]) {
    expect([other, await statusWith({ host, origin: other })]).toEqual([other, 404]);
    expect([other, await statusWith({ host, origin: other }, "POST")]).toEqual([other, 404]);
  }
});

test("the page may run and fetch what comes from its own server, and nothing else", async () => {
  const { headers } = await fetch(server.url);
  const policy = headers.get("content-security-policy")!;
  for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
    expect(policy.split("; ")).toContain(part);
  }
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
});

test("no path leads out of the page's folder", async () => {
  for (const path of ["..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "jobs/7"]) {
    expect((await fetch(server.url + path)).status).toBe(404);
  }
});

test("the server listens on 127.0.0.1 only", async () => {
  const { hostname, port } = new URL(server.url);
  expect(hostname).toBe("127.0.0.1");
  const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (const { address, family, internal } of others) {
    if (family !== "IPv4" || internal) continue;
    await expect(fetch(server.url.replace(`127.0.0.1:${port}`, `${address}:${port}`))).rejects.toThrow();
  }
});

test("a job is fetched as it was offered, and is gone when withdrawn", async () => {
  let fetched = 0;
  const job: Message = { body: { kind: "κ" }, blobs: { none: new Uint8Array(0), some: new Uint8Array([1, 2, 3]) } };
  const { path, withdraw } = server.offer({ job, fetched: () => fetched++, receive() {} });
  const response = await fetch(server.url + path);
  expect(decodeMessages(new Uint8Array(await response.arrayBuffer()))).toEqual([job]);
  expect(fetched).toBe(1);
  await withdraw();
  expect((await fetch(server.url + path)).status).toBe(404);
});

test("messages arrive all, in order and one at a time, however they are emitted and received", async () => {
  const step = fc.record({ bytes: fc.integer({ min: 0, max: 5000 }), pause: fc.boolean(), slow: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const received: [unknown, number][] = [];
      let busy = false;
      const { path, withdraw } = server.offer({
        job: { body: {} },
        fetched() {},
        async receive({ body, blobs }) {
          expect(busy).toBe(false);
          busy = true;
          if (steps[body.index as number].slow) await new Promise((resolve) => setTimeout(resolve, 1));
          busy = false;
          received.push([body.index, blobs!.data.byteLength]);
        },
      });
      const outbox = createOutbox(post(server.url + path));
      for (const [index, { bytes, pause }] of steps.entries()) {
        const sent = outbox.emit({ body: { index }, blobs: { data: new Uint8Array(bytes) } });
        if (pause) {
          await sent;
          expect(received.at(-1)).toEqual([index, bytes]); // emitted means received
        }
      }
      await outbox.drain();
      await withdraw();
      expect(received).toEqual(steps.map(({ bytes }, index) => [index, bytes]));
    }),
    { numRuns: 30 },
  );
});

test("messages that gather while a batch is in flight go together", async () => {
  const batches: number[] = [];
  const outbox = createOutbox(async (batch) => {
    batches.push(decodeMessages(new Uint8Array(await batch.arrayBuffer())).length);
  });
  for (let index = 0; index < 500; index++) void outbox.emit({ body: { index } });
  await outbox.drain();
  expect(batches).toEqual([500]);
});

test("after a failed send nothing more is sent, and draining says so", async () => {
  let sends = 0;
  const outbox = createOutbox(async () => {
    sends++;
    throw new Error("the line is cut");
  });
  await expect(outbox.emit({ body: {} })).rejects.toThrow("the line is cut");
  await expect(outbox.emit({ body: {} })).rejects.toThrow("the line is cut");
  await expect(outbox.drain()).rejects.toThrow("the line is cut");
  expect(sends).toBe(1);
});
