import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * The folder of a real data set (`mnist`, `fashion-mnist`, …), or undefined: below REPARAM_DATA, or in `../shared/data`
 * beside the repository. A test that needs one skips itself with `missingData(name)` where there is none.
 */
export function dataFolder(name: string): string | undefined {
  const roots = [process.env.REPARAM_DATA, resolve(import.meta.dirname, "../../../shared/data")];
  return roots.flatMap((root) => (root === undefined ? [] : [join(root, name)])).find((folder) => existsSync(folder));
}

/** Why a test is skipped, for `test.skip`. */
export function missingData(name: string): string {
  return `no ${name} files: set REPARAM_DATA to the folder that holds ${name}/`;
}
