// After tsc: declarations that name a package which is packed in find its types beside the code of it.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { root, target } from "./packages.mjs";

/** By package, its declarations and the built module that they lie beside. */
const TYPES = {
  valibot: { from: "valibot/dist/index.d.mts", module: "vendor/valibot/dist/index.js" },
};

for (const { from, module } of Object.values(TYPES)) {
  copyFileSync(join(root, "node_modules", from), join(target, module.replace(/\.js$/, ".d.ts")));
}

const declarations = readdirSync(target, { recursive: true })
  .filter((file) => file.endsWith(".d.ts") && !/^(vendor|page)\b/.test(file))
  .map((file) => join(target, file));
for (const file of declarations) {
  const text = readFileSync(file, "utf8");
  const mended = Object.entries(TYPES).reduce((text, [name, { module }]) => {
    const way = relative(dirname(file), join(target, module)).split(sep).join("/");
    return text.replaceAll(`"${name}"`, `"${way.startsWith(".") ? way : `./${way}`}"`);
  }, text);
  if (mended !== text) writeFileSync(file, mended);
}
