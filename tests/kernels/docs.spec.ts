import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { shaderSources } from "../support/shaders.ts";

const page = new URL("../../docs/kernels.md", import.meta.url);
const text = readFileSync(page, "utf8");

/** Where links lead, without those to other sites. */
const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
  .map(([, target]) => target)
  .filter((target) => !/^\w+:/.test(target));

/** The anchor that a heading gets: lower case, hyphens for blanks, no other marks. */
const anchors = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replace(/\s/g, "-"),
  );

test("every shader with an entry point is described in docs/kernels.md, under the name that plans print", () => {
  const kernels = Object.keys(shaderSources).filter((name) => shaderSources[name].includes("@compute"));
  expect(kernels.length).toBeGreaterThan(15);
  for (const kernel of kernels) {
    expect(text).toContain(`[${kernel.replace(/\.wgsl$/, "")}](../shaders/${kernel})`);
  }
});

test("so is every convolution, which brings operands to the tiles of matmul, and every operation on images", () => {
  const having = (folder: RegExp, declaration: string) =>
    Object.keys(shaderSources).filter((name) => folder.test(name) && shaderSources[name].includes(declaration));
  const convolutions = having(/^conv\//, "fn a_row(");
  const operations = having(/^(pool|resample)\//, "fn value_of(");
  expect(convolutions).toHaveLength(3);
  expect(operations).toHaveLength(7);
  for (const name of [...convolutions, ...operations])
    expect(text).toContain(`[${name.replace(/\.wgsl$/, "")}](../shaders/${name})`);
});

test("everything that docs/kernels.md leads to is there: files, folders and headings", () => {
  expect(links.length).toBeGreaterThan(40);
  for (const link of links) {
    const [path, anchor] = link.split("#");
    const target = path ? new URL(path, page) : page;
    expect(existsSync(target), link).toBe(true);
    if (anchor) expect(anchors(readFileSync(target, "utf8")), link).toContain(anchor);
  }
});

test("no file that docs/kernels.md names in passing is missing", () => {
  for (const [, path] of text.matchAll(/`((?:shaders|src|docs|tests)\/[\w./-]*)`/g)) {
    expect(existsSync(new URL(`../../${path}`, import.meta.url)), path).toBe(true);
  }
});
