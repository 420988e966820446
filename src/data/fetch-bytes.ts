/** What is fetched may take so long, however slow the line. */
const NO_TIMEOUT = 0;

/**
 * Fetches an address (Node only), through the proxy that HTTPS_PROXY or HTTP_PROXY names for it and NO_PROXY does not except.
 * Node's own `fetch` knows of none before version 24; Playwright, which the command line has for the browser, does. Rejects
 * with the reason.
 */
export async function fetchBytes(url: string): Promise<Uint8Array> {
  const proxy = proxyFor(url, process.env);
  if (proxy) return fetchThrough(proxy, url);
  const response = await fetch(url);
  if (!response.ok) throw answered(response.status, response.statusText);
  return new Uint8Array(await response.arrayBuffer());
}

interface Proxy {
  readonly server: string;
  readonly bypass?: string;
  readonly username?: string;
  readonly password?: string;
}

/** The proxy of an address by the usual variables, in small letters first as curl has them. */
export function proxyFor(url: string, env: Readonly<Record<string, string | undefined>>): Proxy | undefined {
  const of = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const named = of(new URL(url).protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (named === undefined) return undefined;
  const { protocol, host, username, password } = new URL(/^\w+:\/\//.test(named) ? named : `http://${named}`);
  const except = of("NO_PROXY");
  return {
    server: `${protocol}//${host}`,
    ...(except && { bypass: except }),
    ...(username && { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
  };
}

async function fetchThrough(proxy: Proxy, url: string): Promise<Uint8Array> {
  const { request } = await import("playwright-core");
  const context = await request.newContext({ proxy, timeout: NO_TIMEOUT });
  try {
    const response = await context.get(url);
    if (!response.ok()) throw answered(response.status(), response.statusText());
    return new Uint8Array(await response.body());
  } catch (error) {
    // The first line alone: behind it Playwright has a log of the call.
    const [reason] = (error as Error).message.replace(/^apiRequestContext\.get: /, "").split("\n");
    throw new Error(`${reason.replace(/\.$/, "")} (through the proxy ${proxy.server})`, { cause: error });
  } finally {
    await context.dispose();
  }
}

const answered = (status: number, text: string): Error => new Error(`the server answered ${status} ${text}`.trimEnd());
