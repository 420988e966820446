import { randomBytes, timingSafeEqual } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative, sep } from "node:path";
import { byteLengthOf, decodeMessages, encodeMessage } from "./frame.ts";
import type { Message } from "./job.ts";

/** A job on offer: its message is fetched once, and what the job emits comes back. */
export interface Exchange {
  readonly job: Message;
  /** The worker has come for its job. */
  readonly fetched: () => void;
  /** One message from the job; the next waits until the promise has settled. A rejection ends the exchange. */
  readonly receive: (message: Message) => void | Promise<void>;
}

export interface PageServer {
  /** Where the page is, random token included; ends in "/". */
  readonly url: string;
  /**
   * Offers a job under a path relative to `url`. Withdrawing it settles when no message is being received any more;
   * a batch that arrived whole is received whole, even if its sender died meanwhile.
   */
  offer(exchange: Exchange): { readonly path: string; readonly withdraw: () => Promise<void> };
  close(): Promise<void>;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/**
 * What the page may do: run and fetch what comes from here, and nothing else. It is in no frame, and leads nowhere. Its icon
 * is in its text.
 */
const POLICY = [
  ...["default-src 'none'", "script-src 'self'", "worker-src 'self'", "connect-src 'self'", "img-src data:"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join("; ");

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": POLICY,
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * Serves the files of `folder`, and jobs, to our own browser: on 127.0.0.1 only, on a free port, and only to requests
 * whose path begins with a random token (others get 404 and learn nothing). A request that asks for another host, as one does
 * whose name was bound to this address, or that comes from another origin gets the same.
 */
export async function startPageServer(folder: string): Promise<PageServer> {
  const files = readFiles(folder);
  const token = randomBytes(24).toString("base64url");
  const exchanges = new Map<string, Exchange & { receiving?: Promise<void> }>();
  let offered = 0;
  /** Host and port, known once the server listens. */
  let own = "";

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host, origin = `http://${own}` } = request.headers;
    const path = pathBehindToken(request.url ?? "", token);
    if (path === undefined || host !== own || origin !== `http://${own}`) return refuse(response, 404);
    const exchange = exchanges.get(path);
    if (exchange && request.method === "GET") return sendJob(exchange, response);
    if (exchange && request.method === "POST") {
      const batch = decodeMessages(await readBody(request));
      exchange.receiving = receiveAll(exchange, batch);
      await exchange.receiving;
      response.writeHead(204).end();
      return;
    }
    const file = request.method === "GET" ? files.get(path || "index.html") : undefined;
    if (!file) return refuse(response, 404);
    const type = contentTypes[extname(path || "index.html")] ?? "application/octet-stream";
    response.writeHead(200, { ...HEADERS, "content-type": type, "content-length": file.byteLength });
    response.end(file);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500);
    });
  });
  server.requestTimeout = 0; // a batch waits as long as its receiver does
  server.keepAliveTimeout = 0; // an idle connection closed under a request in flight would lose it
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  own = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `http://${own}/${token}/`,
    offer(exchange) {
      const path = `jobs/${++offered}`;
      const entry: Exchange & { receiving?: Promise<void> } = { ...exchange };
      exchanges.set(path, entry);
      const withdraw = async () => {
        exchanges.delete(path);
        await entry.receiving?.catch(() => {}); // the receiver's failure is its own to report
      };
      return { path, withdraw };
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function sendJob({ job, fetched }: Exchange, response: ServerResponse): void {
  fetched();
  const parts = encodeMessage(job);
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": byteLengthOf(parts) });
  for (const part of parts) response.write(part);
  response.end();
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  // One allocation of the right size, outside Node's shared pool, so that blobs are aligned views of it.
  const bytes = new Uint8Array(Number(request.headers["content-length"]));
  let offset = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

async function receiveAll({ receive }: Exchange, messages: readonly Message[]): Promise<void> {
  for (const message of messages) await receive(message);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: "close" }).end();
}

function pathBehindToken(url: string, token: string): string | undefined {
  const [, given, ...rest] = url.split("?")[0].split("/");
  const expected = Buffer.from(token);
  const offered = Buffer.alloc(expected.byteLength);
  // Cut or padded to the expected length first: timingSafeEqual refuses lengths that differ.
  const sameLength = Buffer.byteLength(given ?? "") === expected.byteLength;
  offered.write(given ?? "");
  return timingSafeEqual(offered, expected) && sameLength ? rest.join("/") : undefined;
}

/** Read up front: a fixed list of names leaves no path to climb out of. */
function readFiles(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [relative(folder, file).split(sep).join("/"), readFileSync(file)];
    }),
  );
}
