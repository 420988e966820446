import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { buildModel, presetConfig } from "../../src/config/config.ts";
import { presets } from "../../src/config/presets.ts";
import { labels, pixels } from "../../src/data/dataset.ts";
import * as library from "../../src/index.ts";
import * as families from "../../src/models/families.ts";
import type { Family, FamilyStatement } from "../../src/models/family.ts";
import { familyNotes } from "./family-notes.ts";

const [begin, end] = ["<!-- families: begin -->\n", "<!-- families: end -->"];
const all = Object.entries(families) as unknown as readonly (readonly [string, Family])[];

/** Expects between the two marks of a page what the families state, or writes it there (--update-snapshots=all). */
function expectStated(page: string, stated: string): void {
  const file = fileURLToPath(new URL(`../../${page}`, import.meta.url));
  const text = readFileSync(file, "utf8");
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (test.info().config.updateSnapshots === "all") {
    writeFileSync(file, `${text.slice(0, from)}\n${stated}\n${text.slice(to)}`);
    return;
  }
  expect(text.slice(from, to)).toBe(`\n${stated}\n`);
}

const cell = (text: string): string => text.replaceAll("|", "\\|");
const row = (...cells: string[]): string => `| ${cells.map(cell).join(" | ")} |`;

/** The picture of a family: that of the first of its presets that has one. */
function pictureOf({ presets }: FamilyStatement): string | undefined {
  const made = (preset: string) =>
    existsSync(fileURLToPath(new URL(`../../docs/images/${preset}.png`, import.meta.url)));
  return Object.keys(presets).find(made);
}

/** What a preset reads beside the fields that its family always does. */
function readBeside(preset: string): string {
  const data = { fields: { x: pixels([28, 28, 1]), label: labels(10) }, count: 100 };
  const { reads } = presets[preset].statement;
  const others = Object.keys(buildModel(presetConfig(preset).model, data).fields).filter(
    (name) => !reads.includes(name),
  );
  return others.length > 0 ? `; reads ${others.map((name) => `\`${name}\``).join(" and ")} too` : "";
}

function sectionOf(statement: FamilyStatement): string {
  const { name, words, formula, source, reads, options, presets } = statement;
  const notes = familyNotes[name];
  const picture = pictureOf(statement);
  return [
    `## ${name}`,
    "",
    words,
    "",
    ...(picture ? [`![${name}](images/${picture}.png)`, ""] : []),
    ...(notes ? [`- Choose it ${notes.choose}.`] : []),
    `- Loss of an example: ${formula}`,
    ...(notes ? [`- Held to ${notes.heldTo}.`] : []),
    `- Source: ${source}`,
    `- Reads: ${reads.map((field) => `\`${field}\``).join(", ")}`,
    ...Object.entries(presets).map(
      ([preset, { summary }]) => `- Preset \`${preset}\`: ${summary}${readBeside(preset)}`,
    ),
    "",
    row("option", "default", ""),
    "|---|---|---|",
    ...Object.entries(options).map(([key, { default: fallback, help }]) =>
      row(`\`${key}\``, `\`${JSON.stringify(fallback)}\``, help),
    ),
    "",
  ].join("\n");
}

test("the page of families says what they state (--update-snapshots=all writes it)", () => {
  expectStated("docs/families.md", all.map(([, { statement }]) => sectionOf(statement)).join("\n"));
});

test("the README's table has every family and its presets (--update-snapshots=all writes it)", () => {
  const rows = all.map(([made, { statement }]) => {
    const presets = Object.keys(statement.presets).map((preset) => `\`${preset}\``);
    const picture = pictureOf(statement);
    const seen = picture ? `<img src="docs/images/${picture}.png" width="200" alt="${picture}">` : "";
    return row(statement.summary, presets.join(", "), `\`${made}({ … })\``, seen);
  });
  expectStated("README.md", `${[row("", "presets", "in code", ""), "|---|---|---|---|", ...rows].join("\n")}\n`);
});

test("every family is exported", () => {
  const exported: unknown[] = Object.values(library);
  for (const [, family] of all) expect(exported).toContain(family);
});
