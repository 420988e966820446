import { type Browser, chromium, type Page } from "playwright-core";
import { candidatesHere } from "../../src/host/browser.ts";
import { flagSets } from "../../src/host/flags.ts";
import { thisMachine } from "../../src/host/machine.ts";

const software = (): readonly string[] => flagSets(thisMachine, false).at(-1)!.flags;

/** The browser that tests use, with WebGPU on a software adapter unless other flags are given. */
export async function openBrowser(flags: readonly string[] = software()): Promise<Browser> {
  const [candidate] = candidatesHere();
  if (!candidate) throw new Error("No Chromium is installed: set CHROME_PATH, or see `reparam doctor`.");
  return chromium.launch({
    executablePath: candidate.path,
    args: [...flags],
    chromiumSandbox: !thisMachine.isRoot,
    timeout: 0,
  });
}

let shared: Promise<Browser> | undefined;

/**
 * A browser for all tests of a process, whose end ends it. A page at reparam.test, which is this machine, is no secure context, as
 * one of a name that is the machine's own is.
 */
export const sharedBrowser = (): Promise<Browser> =>
  (shared ??= openBrowser([...software(), "--host-resolver-rules=MAP reparam.test 127.0.0.1"]));

/** A page whose waits end with what they wait for, however long that takes. */
export async function openPage(browser: Browser, options?: Parameters<Browser["newPage"]>[0]): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(0);
  page.setDefaultNavigationTimeout(0);
  return page;
}
