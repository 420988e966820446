import fs from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../data/cache-folder.ts";
import { type AdapterDescription, adapterKey, type TunedChoices } from "../gpu/device.ts";
import type { ChoiceTable } from "../gpu/profile.ts";
import type { Host } from "../host/job.ts";
import { readChoices } from "../kernels/choice.ts";
import { kernelHash } from "../tune/store.ts";
import { errorCode, ioError, writeJson } from "./files.ts";

/** One file for each version of a browser or of Dawn and each state of the kernels: a new one of either starts anew. */
export function tunedFile({ version }: Host): string {
  const place = version
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^-|-$/g, "");
  return join(cacheFolder(), "tuned", `${place}-${kernelHash()}.json`);
}

/** Nothing is kept where there is no file, or no home that this user may look into. */
const NOTHING_THERE = ["ENOENT", "ENOTDIR", "EACCES"];

/** What was measured for this host. A file that cannot be used is as good as none: `say` is told. Never throws. */
export async function readTuned(host: Host, say: (line: string) => void): Promise<TunedChoices> {
  const path = tunedFile(host);
  try {
    const { adapters } = JSON.parse(await fs.readFile(path, "utf8")) as { adapters: Record<string, unknown> };
    return Object.fromEntries(Object.entries(adapters).map(([adapter, table]) => [adapter, readChoices(table)]));
  } catch (error) {
    if (!NOTHING_THERE.includes(errorCode(error) ?? "")) {
      const reason = (error as Error).message.replace(/\.$/, "");
      say(`${path} is of no use and is ignored (${reason}): \`reparam bench --tune\` makes it anew.`);
    }
    return {};
  }
}

/** Adds choices to those that are kept, and returns the file's path. Throws ReparamError "io". */
export async function saveTuned(
  host: Host,
  adapter: AdapterDescription,
  choices: ChoiceTable["entries"],
  say: (line: string) => void,
): Promise<string> {
  const path = tunedFile(host);
  const key = adapterKey(adapter);
  const known = await readTuned(host, say);
  try {
    await fs.mkdir(join(path, ".."), { recursive: true });
  } catch (error) {
    throw ioError(error, path);
  }
  await writeJson(path, { host: host.version, adapters: { ...known, [key]: { ...known[key], ...choices } } });
  return path;
}
