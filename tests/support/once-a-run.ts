import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where a run of the tests keeps what it makes once: playwright.config.ts names the folder, and its workers inherit the name. */
const ofRun = (): string => process.env.REPARAM_TEST_RUN!;

/** A folder that `make` fills once a run of the tests, in whichever worker asks first; the others wait for it. */
export async function onceARun(name: string, make: (folder: string) => void | Promise<void>): Promise<string> {
  const folder = join(ofRun(), name);
  const [made, failed] = [`${folder}.made`, `${folder}.failed`];
  mkdirSync(ofRun(), { recursive: true });
  if (isFirst(folder)) {
    try {
      await make(folder);
      writeFileSync(made, "");
    } catch (error) {
      writeFileSync(failed, String(error));
      throw error;
    }
  }
  while (!existsSync(made)) {
    if (existsSync(failed)) throw new Error(`${name} could not be made: the worker that tried says why.`);
    await sleep(50);
  }
  return folder;
}

/** Makes the folder, unless another worker has. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Playwright's global teardown. */
export default function forget(): void {
  rmSync(ofRun(), { recursive: true, force: true });
}
