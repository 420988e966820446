import { alignColumns } from "../columns.ts";
import { presets, statements } from "../config/presets.ts";
import { ReparamError } from "../errors.ts";
import { nearest } from "../nearest.ts";

/** `  vae           variational autoencoder of dense layers`, a line each. */
export function listOf(named: Readonly<Record<string, { readonly summary: string }>>): string {
  return alignColumns(Object.entries(named).map(([name, { summary }]) => [`  ${name}`, summary])).join("\n");
}

/** What a family is and may be told, by its name or that of one of its presets. Throws ReparamError "usage". */
export function describeFamily(name: string): string {
  const known = {
    ...presets,
    ...Object.fromEntries(Object.entries(statements).map(([key, statement]) => [key, { statement }])),
  };
  if (!Object.hasOwn(known, name)) {
    const guess = nearest(name, Object.keys(known));
    throw new ReparamError("usage", `There is no family or preset ${name}; did you mean ${guess}?`);
  }
  const { statement } = known[name];
  const rows = Object.entries(statement.options).map(([key, { phrase, default: fallback, help }]) => [
    `  model.${key}`,
    JSON.stringify(fallback),
    `${help}; ${phrase}`,
  ]);
  return [
    `${statement.name}: ${statement.summary}`,
    "",
    statement.words,
    "",
    `  Loss    ${statement.formula}`,
    `  Source  ${statement.source}`,
    "",
    "Options, with their defaults:",
    ...alignColumns(rows),
    "",
    "Presets:",
    listOf(statement.presets),
  ].join("\n");
}
