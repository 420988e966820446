import { Argument, Option } from "commander";
import { parseValue } from "../config/resolve.ts";
import { datasetNames } from "../data/names.ts";
import { ReparamError } from "../errors.ts";

/** What the commands that use a trained model are told alike. */

export const splits = ["test", "train", "all"] as const;

export const runArgument = () => new Argument("<run>", "run folder, .safetensors file, or `last`");

/** `split`: which examples are taken where --split does not say. */
export const dataOptions = (split = "test") => [
  new Option("--data <name>", `${datasetNames.join(", ")}, or a path (default: what it was trained on)`),
  new Option("--data-dir <folder>", "where the data's files lie (also REPARAM_DATA)"),
  new Option("--split <split>", `which examples: ${splits.join(", ")} (default: ${split})`),
];

export const bestOption = () => new Option("--best", "the best checkpoint instead of the newest");

export const configOption = () =>
  new Option("--config <file>", "what model a file of weights holds, where it does not say so (docs/checkpoints.md)");

export const hostOption = () => new Option("--host <host>", "where the GPU is: chromium or dawn (default: as trained)");

/** A flag's whole number. Throws ReparamError "usage". */
export function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = parseValue(text);
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw new ReparamError("usage", `${flag} must be a whole number from ${min} to ${max}, but it is "${text}".`);
}

/** A flag's word, one of a few. Throws ReparamError "usage". */
export function oneWord<const Word extends string>(flag: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found) return found;
  throw new ReparamError("usage", `${flag} must be one of ${words.join(", ")}, but it is "${text}".`);
}

/** The ending of the file that a flag names. Throws ReparamError "usage" for one that cannot be written. */
export function extensionOf<const Extension extends string>(
  flag: string,
  file: string,
  allowed: readonly Extension[],
): Extension {
  const found = allowed.find((extension) => file.toLowerCase().endsWith(extension));
  if (found) return found;
  const extensions = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(allowed);
  throw new ReparamError("usage", `${flag} must name a ${extensions} file, but it is "${file}".`);
}
