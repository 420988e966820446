import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { buildModel, presetConfig } from "../../src/config/config.ts";
import { presets } from "../../src/config/presets.ts";
import { labels, pixels } from "../../src/data/dataset.ts";
import * as library from "../../src/index.ts";
import * as families from "../../src/models/families.ts";
import type { Family, FamilyStatement } from "../../src/models/family.ts";
import { inReadingOrder } from "../../src/models/reading-order.ts";
import { familyNotes } from "./family-notes.ts";
import { useNotes } from "./use-notes.ts";

const all = Object.entries(families) as unknown as readonly (readonly [string, Family])[];
const groups = inReadingOrder(all.map(([, { statement }]) => statement));

/** Expects between the two marks of a page what the families state, or writes it there (--update-snapshots=all). */
function expectStated(page: string, stated: string, what = "families"): void {
  const [begin, end] = [`<!-- ${what}: begin -->\n`, `<!-- ${what}: end -->`];
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

/** The families that have each use, by its name: under "" with one of their presets, else under the choice that brings it. */
const having = usesOfFamilies();

function usesOfFamilies(): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const data = { fields: { x: pixels([28, 28, 1]), label: labels(10) }, count: 100 };
  const found = new Map<string, Map<string, string[]>>();
  const note = (uses: readonly string[], name: string, choice = "") => {
    for (const use of uses) {
      const choices = found.get(use) ?? new Map();
      found.set(use, choices.set(choice, [...(choices.get(choice) ?? []), name]));
    }
  };
  for (const { members } of groups) {
    for (const { name, presets, options } of members) {
      const usesWith = (preset: string, chosen: object) =>
        Object.keys(buildModel({ ...presetConfig(preset).model, ...chosen }, data).uses);
      const usual = new Set(Object.keys(presets).flatMap((preset) => usesWith(preset, {})));
      note([...usual], name);
      for (const [key, { words = [] }] of Object.entries(options)) {
        for (const word of words) {
          const more = usesWith(Object.keys(presets)[0], { [key]: word }).filter((use) => !usual.has(use));
          note(more, name, `\`${key}: "${word}"\``);
        }
      }
    }
  }
  return found;
}

/** The families that have a use in words. */
const familiesWith = (use: string): string =>
  [...(having.get(use) ?? [])]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([choice, names]) => (choice ? `with ${choice} ${listed(names)}` : listed(names)))
    .join("; ");

/** Names of families: of most, those that are missing. */
function listed(names: readonly string[]): string {
  const missing = groups
    .flatMap(({ members }) => members.map(({ name }) => name))
    .filter((name) => !names.includes(name));
  if (missing.length === 0) return "all";
  return missing.length < all.length / 3 ? `all but ${missing.join(", ")}` : names.join(", ");
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
    ...Object.entries(options).map(([key, { default: fallback, help, live }]) =>
      row(
        `\`${key}\``,
        `\`${JSON.stringify(fallback)}\``,
        live === undefined ? help : `${help}: a number, or a schedule`,
      ),
    ),
    "",
  ].join("\n");
}

test("the page of families says what they state (--update-snapshots=all writes it)", () => {
  const inOrder = groups.flatMap(({ members }) => members);
  expectStated("docs/families.md", inOrder.map(sectionOf).join("\n"));
});

test("the README's table has every family and its presets (--update-snapshots=all writes it)", () => {
  const rowOf = (statement: FamilyStatement) => {
    const [made] = all.find(([, family]) => family.statement === statement)!;
    const presets = Object.keys(statement.presets).map((preset) => `\`${preset}\``);
    const picture = pictureOf(statement);
    const seen = picture ? `<img src="docs/images/${picture}.png" width="200" alt="${picture}">` : "";
    return row(statement.summary, presets.join(", "), `\`${made}({ … })\``, seen);
  };
  const rows = groups.flatMap(({ words, members }) => [row(`**${words}**`, "", "", ""), ...members.map(rowOf)]);
  expectStated("README.md", `${[row("", "presets", "in code", ""), "|---|---|---|---|", ...rows].join("\n")}\n`);
});

test("the table of uses says which families have each (--update-snapshots=all writes it)", () => {
  const known = new Set(useNotes.flatMap(({ uses }) => uses));
  const unknown = [...having.keys()].filter((use) => !known.has(use));
  expect(unknown, "uses that useNotes says nothing of").toEqual([]);
  const rows = useNotes.map(({ uses, command }) =>
    row(uses.map((use) => `\`${use}\``).join(", "), command, familiesWith(uses[0])),
  );
  const table = [row("use", "command", "families"), "|---|---|---|", ...rows].join("\n");
  expectStated("docs/models.md", `${table}\n`, "uses");
});

test("every family is exported", () => {
  const exported: unknown[] = Object.values(library);
  for (const [, family] of all) expect(exported).toContain(family);
});
