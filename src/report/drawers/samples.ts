import type { Field } from "../../data/dataset.ts";
import { tileGrid } from "../tile-grid.ts";
import { COMFORTABLE, isDrawable, tileOf } from "../tiles.ts";
import { countOf, type Range, rangeOf } from "../values.ts";
import { type Drawer, inputsOf, rangeOfExamples, SEED, type Subject } from "./drawer.ts";

const AMOUNT = { full: 64, fast: 16 };
/** Of a model that takes a class: so many columns of each, and no more classes than can be looked at. */
const OF_A_CLASS = { full: 10, fast: 2 };
const MOST_CLASSES = 20;
/** A row of tiles is about so wide at most, in pixels. */
const WIDEST_ROW = 1400;

export interface ExamplesOptions {
  readonly columns?: number;
  /** What stands left of each row. */
  readonly rows?: readonly string[];
  /** The values that black and white stand for where the field does not say it; those of `values` when not given. */
  readonly range?: Range;
}

/** Examples of a field, `[count, ...shape]`, side by side as PNG. Throws `usage` where they cannot be drawn. */
export function drawExamples(
  values: Float32Array,
  field: Field,
  options: ExamplesOptions = {},
): Uint8Array<ArrayBuffer> {
  const tile = tileOf(field, rangeOf(field, [values], options.range), COMFORTABLE);
  return tileGrid(tile, values, countOf(values, field), options);
}

/** What a model makes of noise; where it takes a class, a row of each. */
export const samples: Drawer = {
  file: "samples.png",
  async draw(subject) {
    const { uses, fast, examples } = subject;
    const use = uses.sample;
    if (!use || !isDrawable(use.to)) return undefined;
    const { label } = use.from;
    if (label?.kind === "label" && Object.keys(use.from).length === 1) return samplesOfClasses(subject, label);
    const amount = fast ? AMOUNT.fast : AMOUNT.full;
    const free = Object.keys(use.from).length === 0;
    const count = free ? amount : Math.min(amount, examples.count);
    const inputs = inputsOf(subject, "sample", count);
    if (!inputs || count === 0) return undefined;
    const values = await subject.use("sample", count, inputs, SEED);
    const what = free ? "Samples: what the model makes of noise" : "Samples under the conditions of test examples";
    const caption = use.to.kind === "series" ? `${what}, all on one scale` : what;
    return { file: this.file, caption, png: drawExamples(values, use.to, { range: rangeOfExamples(subject) }) };
  },
};

async function samplesOfClasses(subject: Subject, label: Field) {
  const { uses, fields, fast } = subject;
  const { to } = uses.sample;
  const classes = label.classes ?? fields.label?.classes ?? 0;
  const rows = Math.min(classes, MOST_CLASSES);
  if (rows === 0) return undefined;
  const tile = tileOf(to, { low: 0, high: 1 });
  const columns = fast ? OF_A_CLASS.fast : Math.max(2, Math.min(OF_A_CLASS.full, Math.floor(WIDEST_ROW / tile.width)));
  const classOf = Array.from({ length: rows * columns }, (_, i) => Math.floor(i / columns));
  const values = await subject.use("sample", classOf.length, { label: Float32Array.from(classOf) }, SEED);
  const names = label.names ?? fields.label?.names;
  const options = {
    columns,
    rows: Array.from({ length: rows }, (_, k) => names?.[k] ?? `${k}`),
    range: rangeOfExamples(subject),
  };
  const which = rows < classes ? `the first ${rows} of ${classes} classes` : "each class";
  const scale = to.kind === "series" ? ", all on one scale" : "";
  return { file: samples.file, caption: `Samples, a row for ${which}${scale}`, png: drawExamples(values, to, options) };
}
