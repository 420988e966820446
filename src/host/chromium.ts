import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { ReparamError } from "../errors.ts";
import type { Host } from "./job.ts";
import { throwIfFailed } from "./outcome.ts";
import type {} from "./page/drive.ts"; // declares what the page offers
import { createProfile, removeProfile } from "./profile.ts";
import { startPageServer } from "./server.ts";

export interface LaunchOptions {
  readonly executablePath: string;
  readonly flags: readonly string[];
  readonly sandbox: boolean;
  /** The browser's environment; this process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The built page; tests bring one of their own. */
  readonly pageFolder?: string;
  /** How long the page, and later each worker, may take to come up. */
  readonly startTimeoutMs?: number;
}

/**
 * Starts headless Chromium on a fresh temporary profile, with our page open in it. Signals are left to the caller, who
 * may want to save before closing; if this process dies without closing, the browser sees its pipe end and quits.
 * Throws code "device", with the browser's own complaint in one sentence, when it does not come up.
 */
export async function launchChromium(options: LaunchOptions): Promise<Host> {
  const { executablePath, flags, sandbox, startTimeoutMs = 60_000 } = options;
  const server = await startPageServer(options.pageFolder ?? builtPageFolder());
  const profile = createProfile();

  let context: BrowserContext | undefined;
  let browserPid: number | undefined;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      if (context) await endBrowser(context, browserPid);
      await server.close();
      removeProfile(profile);
    })();
    return closing;
  };

  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath,
      // Else in a folder of its own, which would stay where this process is killed.
      artifactsDir: profile,
      args: [...flags],
      env: definedOnly(options.env ?? process.env),
      chromiumSandbox: sandbox,
      headless: true,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      timeout: startTimeoutMs,
    });
    browserPid = await pidOf(context);
    const page = context.pages()[0];
    const death = deathOf(page, context);
    await Promise.race([page.goto(server.url, { timeout: startTimeoutMs }), death]);

    return {
      kind: "chromium",
      version: `Chromium ${context.browser()!.version()}`,
      close,
      async run(job, receive, signal) {
        let receiverFailure: { error: unknown } | undefined;
        let started = () => {};
        const stop = () => void page.evaluate((path) => reparam.abort(path), path).catch(() => {});
        const startTimeout = new Promise<never>((_, reject) => {
          const seconds = startTimeoutMs / 1000;
          const late = new ReparamError("device", `The browser's worker did not start within ${seconds} seconds.`);
          const timer = setTimeout(() => reject(late), startTimeoutMs);
          started = () => clearTimeout(timer);
        });
        const { path, withdraw } = server.offer({
          job,
          fetched: () => started(),
          async receive(message) {
            try {
              await receive(message);
            } catch (error) {
              receiverFailure ??= { error };
              stop();
              throw error;
            }
          },
        });
        signal?.addEventListener("abort", stop);
        try {
          const aborted = signal?.aborted ?? false;
          const running = page.evaluate(([path, aborted]) => reparam.run(path, aborted), [path, aborted] as const);
          // What evaluate says of a dead page is Playwright's language; `death` says it in ours.
          const outcome = await Promise.race([running.catch(() => death), death, startTimeout]);
          if (!receiverFailure) throwIfFailed(outcome);
        } finally {
          started();
          signal?.removeEventListener("abort", stop);
          await withdraw();
        }
        if (receiverFailure) throw receiverFailure.error;
      },
    };
  } catch (error) {
    await close();
    throw error instanceof ReparamError ? error : new ReparamError("device", launchComplaint(String(error)));
  }
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Rejects when the page can no longer run anything; never resolves. */
function deathOf(page: Page, context: BrowserContext): Promise<never> {
  const death = new Promise<never>((_, reject) => {
    const die = (what: string) => reject(new ReparamError("device", `${what} before the job was done.`));
    page.once("crash", () => die("The browser's page crashed (out of memory?)"));
    page.once("close", () => die("The browser's page closed"));
    context.once("close", () => die("The browser ended"));
  });
  death.catch(() => {}); // a browser that ends while no job runs is nobody's error
  return death;
}

/** Closes the browser, by force if it does not close by itself soon: a busy software GPU may keep it. */
async function endBrowser(context: BrowserContext, pid: number | undefined): Promise<void> {
  let force: NodeJS.Timeout | undefined;
  const forced = new Promise<void>((resolve) => {
    force = setTimeout(() => {
      try {
        if (pid !== undefined) process.kill(pid, "SIGKILL");
      } catch {} // it went in this very moment
      resolve();
    }, 5_000);
  });
  await Promise.race([context.close().catch(() => {}), forced]);
  clearTimeout(force);
}

async function pidOf(context: BrowserContext): Promise<number | undefined> {
  const session = await context.browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.find(({ type }) => type === "browser")?.id;
}

/** The page is built into dist/page: two folders up from dist/host where installed, as from src/host in a checkout. */
function builtPageFolder(): string {
  const folder = fileURLToPath(new URL("../../dist/page/", import.meta.url));
  if (existsSync(`${folder}index.html`)) return folder;
  throw new ReparamError("device", "The browser's page is not built (dist/page): run `npm run build`.");
}

/** The one line that matters of Playwright's launch error, which otherwise carries the whole call log. */
function launchComplaint(text: string): string {
  const lines = stripVTControlCharacters(text).split("\n");
  if (lines.some((line) => /No usable sandbox|sandboxing failed/.test(line))) return "Its sandbox cannot be used here.";
  const said = lines.flatMap((line) => line.match(/\[pid=\d+\]\[err\] (?:\[[^\]]*\] )?(.*)/)?.[1] ?? []);
  const telling =
    said.find((line) => /error|fatal|fail|cannot|not /i.test(line)) ?? lines[0].replace(/^.*browserType\.\w+: /, "");
  return `It did not start: ${telling.replace(/\.$/, "")}.`;
}
