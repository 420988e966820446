import { computed, signal } from "@preact/signals";
import { isBuiltIn } from "../../src/data/built-in-names.ts";
import { type Dataset, type Field, fieldSize, valuesOf } from "../../src/data/dataset.ts";
import { digitsInSlices } from "../../src/data/digits.ts";
import type { Look } from "../drawing/picture.ts";
import { drawnData, loadData } from "./drawn-data.ts";

/** Held-out pictures on the map at most, and of them those whose redrawing is shown. */
export const HELD_OUT = 2000;
export const REDRAWN = 10;
/** Of smaller examples there may be more: as many numbers as those pictures of 28x28 have. */
const MOST_NUMBERS = HELD_OUT * 784;
/** So many classes have a colour of their own: the largest ones. */
const COLOURS = 10;

/** What a model is shown of data: the held-out examples, as values. */
export interface Examples {
  readonly name: string;
  readonly fields: Dataset["fields"];
  readonly field: Field;
  /** Numbers of an example. */
  readonly size: number;
  readonly count: number;
  /** [count, ...field.shape] */
  readonly x: Float32Array;
  /** [count]; all 0 where there are no classes. */
  readonly labels: ArrayLike<number>;
  /** What the classes are called; none where there are none. */
  readonly classes: readonly string[];
  /** The colour of each class: 0 to 9, and −1 for those that have none of their own. */
  readonly slots: readonly number[];
  /** The least and the largest of the values. */
  readonly range: readonly [number, number];
}

/** The first held-out examples of a data set. */
export function examplesOf({ name, fields, test }: Dataset): Examples {
  const { x: field, label } = fields;
  const size = fieldSize(field);
  const count = Math.min(test.count, Math.max(HELD_OUT, Math.floor(MOST_NUMBERS / size)));
  const x = valuesOf(test.values.x.subarray(0, count * size), field);
  const labels = label ? test.values.label.subarray(0, count) : new Uint8Array(count);
  const classes = label
    ? Array.from({ length: label.classes ?? 0 }, (_, k) => label.names?.[k] ?? String(k))
    : ([] as string[]);
  return {
    name,
    fields,
    field,
    size,
    count,
    x,
    labels,
    classes,
    slots: slotsOf(labels, classes.length),
    range: rangeOf(x, field),
  };
}

/** The least and the largest of values; 0 and 1 lie between them, whatever the values. */
function rangeOf(values: Float32Array, { store, unit }: Field): readonly [number, number] {
  if (store === "u8" && unit === 255) return [0, 1]; // without looking through them
  let [low, high] = [0, 1];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function slotsOf(labels: ArrayLike<number>, classes: number): number[] {
  if (classes <= COLOURS) return Array.from({ length: classes }, (_, label) => label);
  const counts = new Array<number>(classes).fill(0);
  for (let k = 0; k < labels.length; k++) counts[labels[k]]++;
  const largest = counts.map((count, label) => ({ count, label })).sort((a, b) => b.count - a.count);
  const slots = new Array<number>(classes).fill(-1);
  for (const [slot, { label }] of largest.slice(0, COLOURS).entries()) slots[label] = slot;
  return slots;
}

/** A person's own data, those that were given last; runs on others before them stay in Compare. */
export const own = signal<Dataset | undefined>(undefined);

const known = new Map<string, Examples>();
/** What is left of a person's data of before a reload: what Compare shows of runs on them. */
const remembered = new Map<string, Examples>();
export const remember = (few: Examples): void => void remembered.set(few.name, few);

/** What Compare shows of examples: of the first few the values, and of all their classes. */
export const fewOf = (all: Examples): Examples => ({ ...all, x: all.x.slice(0, REDRAWN * all.size) });

/** The held-out examples of data by their name, from when they are first asked for. */
export function examplesNamed(name: string): Examples {
  const found = known.get(name);
  if (found) return found;
  const made =
    own.value?.name === name
      ? examplesOf(own.value)
      : isBuiltIn(name)
        ? examplesOf(drawnData(name).draw({ trainCount: 1, testCount: HELD_OUT }))
        : undefined;
  if (!made) return remembered.get(name) ?? examplesNamed("digits");
  known.set(name, made);
  return made;
}

/** The field of a person's own data; undefined where they are not there any more. */
export const ownField = (name: string): Field | undefined =>
  own.value?.name === name ? own.value.fields.x : known.get(name)?.field;

/** A name for a person's data that no other data have: the second "digits" are "digits 2". */
export function unusedName(wanted: string): string {
  let name = wanted;
  for (let k = 2; isBuiltIn(name) || known.has(name) || remembered.has(name); k++) name = `${wanted} ${k}`;
  return name;
}

/** Draws examples before anything shows them: digits in slices, so that the page answers meanwhile. */
export async function drawExamples(name: string): Promise<void> {
  await loadData(name);
  if (name !== "digits" || known.has(name)) return;
  known.set(name, examplesOf(await digitsInSlices({ trainCount: 1, testCount: HELD_OUT })));
}

/** The name of the data that the shown model was made for, and their held-out examples. */
export const shownData = signal("digits");
export const examples = computed(() => examplesNamed(shownData.value));

/** How the examples of the shown model are drawn. */
export const shownLook = computed<Look>(() => lookOf(examples.value));
export const lookOf = ({ field, range }: Examples): Look => ({ field, range });

/** A held-out example: [...field.shape] */
export const exampleAt = (index: number): Float32Array => {
  const { x, size } = examples.value;
  return x.subarray(index * size, (index + 1) * size);
};

/** What one example is: a picture, or whatever else. */
export const noun = (): string => (examples.value.field.kind === "image" ? "picture" : "example");

/** What a held-out example is called: by its class, where there are classes. */
export const exampleName = (index: number): string => nameOf(examples.value, index);

/** What an example of some is called. */
export const nameOf = ({ classes, labels, field }: Examples, index: number): string =>
  classes.length > 0
    ? `Held-out ${classes[labels[index]]}`
    : `Held-out ${field.kind === "image" ? "picture" : "example"} ${index + 1}`;
