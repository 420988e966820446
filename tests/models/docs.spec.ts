import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import * as library from "../../src/index.ts";
import { families } from "../../src/models/families.ts";
import type { FamilyStatement } from "../../src/models/family.ts";

const page = fileURLToPath(new URL("../../docs/models.md", import.meta.url));
const [begin, end] = ["<!-- families: begin -->\n", "<!-- families: end -->"];

const cell = (text: string): string => text.replaceAll("|", "\\|");
const row = (...cells: string[]): string => `| ${cells.map(cell).join(" | ")} |`;

function sectionOf({ name, words, formula, source, reads, options, presets }: FamilyStatement): string {
  return [
    `### ${name}`,
    "",
    words,
    "",
    `- Loss of an example: ${formula}`,
    `- Source: ${source}`,
    `- Reads: ${reads.map((field) => `\`${field}\``).join(", ")}`,
    ...Object.entries(presets).map(([preset, { summary }]) => `- Preset \`${preset}\`: ${summary}`),
    "",
    row("option", "default", ""),
    "|---|---|---|",
    ...Object.entries(options).map(([key, { default: fallback, help }]) =>
      row(`\`${key}\``, `\`${JSON.stringify(fallback)}\``, help),
    ),
    "",
  ].join("\n");
}

test("the page of models says what the families state (--update-snapshots writes it)", () => {
  const stated = families.map(({ statement }) => sectionOf(statement as unknown as FamilyStatement)).join("\n");
  const text = readFileSync(page, "utf8");
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (test.info().config.updateSnapshots === "all") {
    writeFileSync(page, `${text.slice(0, from)}\n${stated}\n${text.slice(to)}`);
    return;
  }
  expect(text.slice(from, to)).toBe(`\n${stated}\n`);
});

test("every family is exported, and each of its presets has its place in the README's table", () => {
  const readme = readFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");
  const exported: unknown[] = Object.values(library);
  for (const family of families) {
    expect(exported, `${family.statement.name} in src/models/index.ts`).toContain(family);
    for (const preset of Object.keys(family.statement.presets)) expect(readme).toContain(`\`${preset}\``);
  }
});
