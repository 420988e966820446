import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".safetensors": "application/octet-stream",
};

/** A folder on 127.0.0.1. */
export interface Served {
  readonly origin: string;
  close(): void;
}

/**
 * Serves a folder to pages of its own and of other origins.
 * @param headers Sent with every file.
 * @param extra Files beside the folder's, by path.
 * @param base The path that the folder has.
 * @param onPost Gets the body of what a page posts, whatever the path.
 */
export async function serveFolder(
  folder: string,
  {
    headers = {},
    extra = {},
    base = "/",
    onPost,
  }: {
    headers?: Readonly<Record<string, string>>;
    extra?: Readonly<Record<string, string>>;
    base?: string;
    onPost?: (body: string) => void;
  } = {},
): Promise<Served> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url!, "http://127.0.0.1").pathname);
    if (request.method === "POST" && onPost) {
      let body = "";
      request.on("data", (data) => (body += data));
      request.on("end", () => {
        response.writeHead(204).end();
        onPost(body);
      });
      return;
    }
    try {
      if (!path.startsWith(base)) throw new Error(path);
      const file = `${path.slice(base.length)}${path.endsWith("/") ? "index.html" : ""}`;
      const body = extra[path] ?? readFileSync(join(folder, file));
      const type = TYPES[extname(path)] ?? "text/html";
      response.writeHead(200, { "content-type": type, "access-control-allow-origin": "*", ...headers }).end(body);
    } catch {
      response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
