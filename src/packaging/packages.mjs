// What the scripts of this folder share: places, and what is known of packages of npm that are packed in.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const source = join(root, "src");
export const target = join(root, "dist");

/** What stays an import: Node, and what the command line alone takes, which package.json has as optional. */
export const EXTERNAL = /^node:|^(commander|playwright-core|webgpu)$/;

/** The path of a module below node_modules; undefined for a module of the library. */
export const inPackage = (id) => /.*[\\/]node_modules[\\/](.*)$/.exec(id)?.[1].replaceAll("\\", "/");

/** The licences of all packages that modules come from, each under the package's name. */
export function licencesOf(ids) {
  const names = ids.flatMap((id) => /^(@[^/]+\/)?[^/]+/.exec(inPackage(id) ?? "")?.[0] ?? []);
  const texts = [...new Set(names)].sort().map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    return `## ${name} ${version}, ${license}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return `# Licences of what is packed in\n\n${texts.join("\n")}`;
}
