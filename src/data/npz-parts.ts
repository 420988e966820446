import { ReparamError } from "../errors.ts";
import type { NpzArrays } from "../formats/npz.ts";
import { arrayExamples, arrayLabels } from "./array-examples.ts";
import type { Dataset } from "./dataset.ts";
import { type Examples, type Parts, withRemarks } from "./examples.ts";
import type { ReadOptions } from "./read-options.ts";
import { lastPart } from "./source.ts";

/** Usual names of arrays: examples and labels to train and to test with. */
const SPLITS = [
  ["x_train", "y_train", "x_test", "y_test"],
  ["train_x", "train_y", "test_x", "test_y"],
  ["train_images", "train_labels", "test_images", "test_labels"],
];
/** Usual names of examples and labels that are still to be split. */
const WHOLES = [
  ["x", "y"],
  ["images", "labels"],
  ["data", "labels"],
  ["data", "target"],
];

/**
 * The arrays of a .npz file by their usual names, in whatever case: x_train, y_train, x_test, y_test, or images and labels, or
 * x and y; else the only one. Labels may be missing. Throws ReparamError "data", naming what it holds, where none is told.
 */
export function npzParts(source: string, arrays: NpzArrays, options: ReadOptions, made?: Dataset["fields"]): Parts {
  const byName = new Map([...arrays.keys()].map((name) => [name.toLowerCase(), name]));
  const read = (examples: string, labels?: string): Examples => {
    const [own, classes] = [byName.get(examples)!, labels === undefined ? undefined : byName.get(labels)];
    const array = (name: string) => arrays.get(name)!();
    const named = (name: string) => `${name} in ${source}`;
    const used = classes === undefined ? undefined : arrayLabels(named(classes), array(classes));
    return arrayExamples(named(own), array(own), options, made, used);
  };
  const withRest = (parts: Parts, used: readonly string[]): Parts => {
    const rest = [...byName].flatMap(([name, own]) => (used.includes(name) ? [] : [own]));
    if (rest.length === 0) return parts;
    return withRemarks(parts, [`${lastPart(source)}: not used: ${rest.join(", ")}`]);
  };
  const split = SPLITS.find(([x, , test]) => byName.has(x) && byName.has(test));
  if (split) return withRest({ train: read(split[0], split[1]), test: read(split[2], split[3]) }, split);
  const whole = WHOLES.find(([x, y]) => byName.has(x) && byName.has(y)) ?? WHOLES.find(([x]) => byName.has(x));
  if (whole) return withRest({ all: read(whole[0], whole[1]) }, whole);
  if (byName.size === 1) return { all: read([...byName.keys()][0]) };
  const known = "x_train and x_test (y_train, y_test), or x (y), or images (labels)";
  throw new ReparamError("data", `${source} holds ${[...arrays.keys()].join(", ")}; call its arrays ${known}.`);
}
