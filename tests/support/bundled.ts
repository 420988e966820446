import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** Packs a script, whose imports may be sources of the library by their absolute paths, into one file that Node runs. Returns its path. */
export async function bundled(script: string, folder: string): Promise<string> {
  const written = join(folder, "script.ts");
  await writeFile(written, script);
  const bundle = await rolldown({ input: written, platform: "node", treeshake: { moduleSideEffects: false } });
  const file = join(folder, "script.mjs");
  await bundle.write({ file });
  await bundle.close();
  return file;
}
