import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";

/** The folders of src from the bottom to the top. A file imports from its own room and from rooms before it. */
const ROOMS = [
  ["errors.ts", "nearest.ts", "units.ts", "columns.ts"],
  ["schema"],
  ["random"],
  ["formats"],
  ["shaders"],
  ["gpu"],
  ["timing"],
  ["plan"],
  ["node"],
  ["kernels"],
  ["ops"],
  ["graph"],
  ["compiler"],
  ["view"],
  ["runtime"],
  ["decode"],
  ["data"],
  ["metrics"],
  ["codes"],
  ["nn"],
  ["models"],
  ["config"],
  ["train"],
  ["worker"],
  ["host"],
  ["bench"],
  ["selftest"],
  ["tune"],
  ["report"],
  ["jobs"],
  ["page"],
  ["cli"],
  ["index.ts"],
  ["one-file.ts"],
];

const root = fileURLToPath(new URL("../src", import.meta.url));
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter(({ name }) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
  .map((entry) => join((entry.parentPath ?? entry.path).replaceAll("\\", "/"), entry.name).slice(root.length + 1));

/** The files that a text imports, as types or as values, at once or later. */
const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]*)"/g)].map(([, path]) => join(dirname(file), path));

type Imports = ReadonlyMap<string, readonly string[]>;

const imports: Imports = new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), "utf8"))]));

const roomOf = (file: string): string => file.split("/")[0];
const heightOf = (file: string): number => ROOMS.findIndex((names) => names.includes(roomOf(file)));

/** A sentence for each import that leads upwards. */
const arrowsUpwards = (imports: Imports): string[] =>
  [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => heightOf(target) > heightOf(file))
      .map((target) => `${file} imports ${target}, and the room ${roomOf(target)} is above ${roomOf(file)}.`),
  );

/** A sentence for each file that leads back to itself, each circle told once. */
function circles(imports: Imports): string[] {
  const told = new Set<string>();
  return [...imports.keys()].flatMap((file) => {
    const way = told.has(file) ? undefined : shortestWay(imports, file);
    if (!way) return [];
    for (const member of way) told.add(member);
    return [`${file} imports ${way.join(", which imports ")}.`];
  });
}

/** From a file back to it: what it imports, what that imports, and so on. */
function shortestWay(imports: Imports, file: string): string[] | undefined {
  const before = new Map<string, string>();
  for (const queue = [file]; queue.length > 0; ) {
    const at = queue.shift()!;
    for (const next of imports.get(at) ?? []) {
      if (before.has(next)) continue;
      before.set(next, at);
      if (next !== file) queue.push(next);
      else {
        const way = [next];
        for (let step = at; step !== file; step = before.get(step)!) way.unshift(step);
        return way;
      }
    }
  }
  return undefined;
}

test("every file of src is in a room, and imports files that there are", () => {
  expect(files.filter((file) => heightOf(file) < 0)).toEqual([]);
  const found = [...imports].flatMap(([file, targets]) => targets.map((target) => `${file} imports ${target}`));
  expect(found.length).toBeGreaterThan(files.length);
  expect(found.filter((line) => !existsSync(join(root, line.split(" ")[2])))).toEqual([]);
});

test("no import leads to a room above", () => {
  expect(arrowsUpwards(imports)).toEqual([]);
});

test("no file imports itself by way of others, not even for a type", () => {
  expect(circles(imports)).toEqual([]);
});

test("an arrow upwards and a circle are told in a sentence", () => {
  const text = 'import type { A } from "./b.ts";\nexport * from "../ops/a.ts";\nawait import("../gpu/a.ts");\n';
  const wrong: Imports = new Map([
    ["node/a.ts", importsOf("node/a.ts", text)],
    ["node/b.ts", ["errors.ts", "node/c.ts"]],
    ["node/c.ts", ["node/a.ts"]],
  ]);
  expect(arrowsUpwards(wrong)).toEqual(["node/a.ts imports ops/a.ts, and the room ops is above node."]);
  expect(circles(wrong)).toEqual(["node/a.ts imports node/b.ts, which imports node/c.ts, which imports node/a.ts."]);
});
