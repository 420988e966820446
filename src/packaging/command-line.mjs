// dist/cli: the command line and all that it reaches in few files, since Node takes longer to find and link hundreds of modules than to
// run what a command needs. What is imported later, such as each command, is a file that is loaded later.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { EXTERNAL, root, source, target } from "./packages.mjs";

const bundle = await rolldown({
  cwd: root,
  input: { bin: join(source, "cli/bin.ts"), main: join(source, "cli/main.ts") },
  external: EXTERNAL,
  platform: "node",
  tsconfig: join(root, "tsconfig.build.json"),
  treeshake: { moduleSideEffects: false },
});
await bundle.write({
  dir: join(target, "cli"),
  format: "es",
  // Files that find package.json and dist/page from where they are count on lying two folders below the package's own.
  chunkFileNames: "[name].js",
});
await bundle.close();
// npx makes what it links executable once: a build after that has to.
chmodSync(join(target, "cli/bin.js"), 0o755);
