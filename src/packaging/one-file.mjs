// dist/reparam.min.js: all that training takes in one file without imports, for pages that have it from a CDN.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { licencesOf, root, source, target } from "./packages.mjs";

const bundle = await rolldown({
  cwd: root,
  input: join(source, "one-file.ts"),
  platform: "browser",
  tsconfig: join(root, "tsconfig.build.json"),
  treeshake: { moduleSideEffects: false },
});
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { output } = await bundle.write({
  file: join(target, "reparam.min.js"),
  format: "es",
  minify: true,
  comments: false,
  codeSplitting: false,
  postBanner: `/* reparam ${version}, MIT licence; licences of what is packed in: reparam.min.LICENSES.md */`,
});
await bundle.close();
writeFileSync(join(target, "reparam.min.LICENSES.md"), licencesOf(output.flatMap(({ moduleIds }) => moduleIds ?? [])));
writeFileSync(join(target, "reparam.min.d.ts"), 'export * from "./one-file.js";\n');
