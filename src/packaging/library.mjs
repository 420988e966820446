// The built library: every file of src but the command line's as a module of its own, so that an app gets what it reaches, and beside them, in
// dist/vendor, what files that run in a page take from npm, so that the package asks for no other one. `tsc` adds declarations.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { rolldown } from "rolldown";
import { EXTERNAL, inPackage, licencesOf, root, source, target } from "./packages.mjs";

mkdirSync(target, { recursive: true });
for (const name of readdirSync(target).filter((name) => name !== "page")) {
  rmSync(join(target, name), { recursive: true });
}

const entries = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter(({ name }) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
  .map((entry) =>
    relative(source, join(entry.parentPath ?? entry.path, entry.name))
      .split(sep)
      .join("/"),
  )
  .filter((file) => !/^(page|cli)\//.test(file)); // packed by src/page/vite.config.mjs and command-line.mjs

const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entries.map((file) => [file.replace(/\.ts$/, ""), join(source, file)])),
  external: EXTERNAL,
  platform: "browser",
  tsconfig: join(root, "tsconfig.build.json"),
  treeshake: { moduleSideEffects: false },
});
const { output } = await bundle.write({
  dir: target,
  format: "es",
  preserveModules: true,
  preserveModulesRoot: source,
  entryFileNames: ({ name, facadeModuleId }) => {
    const path = inPackage(facadeModuleId ?? "");
    return path ? `vendor/${path.replace(/\.\w+$/, "")}.js` : `${name}.js`;
  },
});
await bundle.close();

writeFileSync(join(target, "vendor/LICENSES.md"), licencesOf(output.flatMap(({ moduleIds }) => moduleIds ?? [])));

// Bundlers need the address of the worker's script as plain text, in the source as in the built code.
const starter = join(target, "worker/start-worker.js");
const text = readFileSync(starter, "utf8");
const built = text.replaceAll('"./worker.ts"', '"./worker.js"');
if (built === text) throw new Error(`${starter} does not name ./worker.ts: mend src/packaging/library.mjs.`);
writeFileSync(starter, built);
