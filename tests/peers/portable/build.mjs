#!/usr/bin/env node
// npm run bench:portable — one folder with Node, Dawn, the built code and what it needs to run, and an archive of it: to be
// unpacked on any x86-64 Linux that has a Vulkan driver, with no install and no network. README.md goes with it.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const checkout = join(here, "../../..");
const MIB = 2 ** 20;
const MAX_PACKED = 60 * MIB;
/** A Node that is smaller takes its engine from a library of the system (libnode.so). */
const LEAST_NODE = 40 * MIB;

const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(here, "../dist/portable") },
    "folder-only": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function main() {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error(`it packs this machine's own Node, which is ${process.platform}-${process.arch} and not linux-x64`);
  if (!existsSync(join(checkout, "dist/cli/main.js"))) throw new Error("dist is missing: run `npm run build` first");
  const manifest = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const name = `reparam-${manifest.version}-linux-x64`;
  const folder = join(resolve(values.out), name);
  rmSync(folder, { recursive: true, force: true });
  for (const part of ["bin", "lib", "app/node_modules", "licences"]) mkdirSync(join(folder, part), { recursive: true });

  packNode(folder);
  packVulkanLoader(folder);
  packApplication(folder, manifest);
  for (const file of ["reparam", "bench.sh", "bench.mjs", "README.md"]) cpSync(join(here, file), join(folder, file));
  for (const file of ["reparam", "bench.sh"]) chmodSync(join(folder, file), 0o755);
  cpSync(join(here, "../torch_step.py"), join(folder, "torch_step.py"));
  cpSync(join(checkout, "LICENSE"), join(folder, "licences/reparam"));
  execFileSync(join(folder, "reparam"), ["--version"], { env: {} });
  console.log(folder);
  if (!values["folder-only"]) console.log(archive(folder));
}

/** Copies a binary without its symbols, where `strip` is installed: they are an eighth of Node and a fifth of Dawn. */
function copyStripped(from, to) {
  const stripped = spawnSync("strip", ["--strip-unneeded", "-o", to, from], { stdio: "ignore" });
  if (stripped.status !== 0) cpSync(from, to, { dereference: true });
}

function packNode(folder) {
  const from = process.execPath;
  if (statSync(from).size < LEAST_NODE)
    throw new Error(`${from} is not a whole Node (it needs libnode.so): run this with one of nodejs.org's`);
  const to = join(folder, "bin/node");
  copyStripped(from, to);
  if (spawnSync(to, ["--version"]).status !== 0) cpSync(from, to, { dereference: true }); // strip broke it
  packLicence(folder, "node", [join(dirname(from), "../LICENSE"), "/usr/share/doc/nodejs/copyright"]);
}

/** Where the target has no Vulkan loader, the launcher falls back on this one; drivers always are the target's own. */
function packVulkanLoader(folder) {
  const library = ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"]
    .map((place) => join(place, "libvulkan.so.1"))
    .find((file) => existsSync(file));
  const licensed =
    packLicence(folder, "libvulkan", ["/usr/share/doc/libvulkan1/copyright"]) &&
    packLicence(folder, "Apache-2.0", ["/usr/share/common-licenses/Apache-2.0"]);
  if (library && licensed) cpSync(library, join(folder, "lib/libvulkan.so.1"), { dereference: true });
  const icd = { file_format_version: "1.0.1", ICD: { library_path: "libGLX_nvidia.so.0", api_version: "1.3.0" } };
  writeFileSync(join(folder, "lib/nvidia_icd.json"), `${JSON.stringify(icd)}\n`);
}

/** Copies the first of the files that exists, or says that there is none. */
function packLicence(folder, name, files) {
  const file = files.find((candidate) => existsSync(candidate));
  if (file) cpSync(file, join(folder, "licences", name), { dereference: true });
  return file !== undefined;
}

function packApplication(folder, { name, version, type, optionalDependencies }) {
  const app = join(folder, "app");
  writeFileSync(join(app, "package.json"), `${JSON.stringify({ name, version, type })}\n`);
  const isNoDeclaration = (path) => !path.endsWith(".d.ts");
  cpSync(join(checkout, "dist"), join(app, "dist"), { recursive: true, filter: isNoDeclaration });
  const from = (dependency) => join(checkout, "node_modules", dependency);
  const to = (dependency) => join(app, "node_modules", dependency);
  for (const dependency of Object.keys(optionalDependencies)) {
    cpSync(from(dependency), to(dependency), { recursive: true, dereference: true, filter: isNoDeclaration });
  }
  const binary = "dist/linux-x64/dawn.node"; // the package has it for five platforms
  mkdirSync(join(to("webgpu"), dirname(binary)), { recursive: true });
  for (const file of ["package.json", "index.js", "LICENSE.md"])
    cpSync(join(from("webgpu"), file), join(to("webgpu"), file));
  copyStripped(join(from("webgpu"), binary), join(to("webgpu"), binary));
}

function archive(folder) {
  const xz = spawnSync("xz", ["--version"], { stdio: "ignore" }).status === 0;
  const file = `${folder}.tar.${xz ? "xz" : "gz"}`;
  const [parent, name] = [dirname(folder), folder.slice(dirname(folder).length + 1)];
  execFileSync("tar", ["-C", parent, "--owner=0", "--group=0", xz ? "-cJf" : "-czf", file, name], {
    env: { ...process.env, XZ_OPT: "-6 -T0" },
  });
  const { size } = statSync(file);
  if (size > MAX_PACKED) throw new Error(`${file} has ${(size / MIB).toFixed(1)} MiB, more than ${MAX_PACKED / MIB}`);
  return `${file} (${(size / MIB).toFixed(1)} MiB)`;
}

const HELP = `Usage: npm run bench:portable -- [options]
  --out FOLDER   where the folder and its archive go (tests/peers/dist/portable)
  --folder-only  no archive`;

try {
  if (values.help) console.log(HELP);
  else main();
} catch (error) {
  console.error(`bench:portable failed: ${error.message}`);
  process.exitCode = 1;
}
