import { type Field, fieldSize, valuesOf } from "../../data/dataset.ts";
import { ReparamError } from "../../errors.ts";
import { overlaidPlots, stackedStrips } from "../tile-strips.ts";
import { COMFORTABLE, isDrawable, tileOf } from "../tiles.ts";
import { countOf, type Range, rangeOf, spread } from "../values.ts";
import { type Drawer, inputsOf, rangeOfExamples, SEED, type Subject } from "./drawer.ts";

const AMOUNT = { full: 30, fast: 8 };
const MOST_COLUMNS = 10;
/** A row of tiles is about so wide at most, in pixels. */
const WIDEST_ROW = 1250;
/** Two lines in one plot need more room than one. */
const PLOTS = { ...COMFORTABLE, side: 110, stretch: 2.7 };

/** What the rows are called, from the top: of two, and of three. */
const NAMES: Readonly<Record<number, readonly string[]>> = {
  2: ["original", "reconstruction"],
  3: ["clean", "noisy", "denoised"],
};

/**
 * Examples and what was made of them as PNG: originals and reconstructions, or clean, noisy and denoised examples, each
 * `[count, ...shape]`. Images stand below each other; the lines of a series lie over each other in one plot. Throws `usage`
 * where they cannot be drawn. `range`: the values that black and white stand for where the field does not say it; those of
 * the first row when not given.
 */
export function drawPairs(rows: readonly Float32Array[], field: Field, range?: Range): Uint8Array<ArrayBuffer> {
  const names = NAMES[rows.length];
  const count = countOf(rows[0], field);
  if (!names || rows.some(({ length }) => length !== rows[0].length)) {
    const lengths = rows.map(({ length }) => length).join(", ");
    throw new ReparamError(
      "usage",
      `Two or three rows of as many examples are compared, not rows of ${lengths} values.`,
    );
  }
  const series = field.kind === "series";
  const tile = tileOf(field, rangeOf(field, rows, range ?? spread([rows[0]])), series ? PLOTS : COMFORTABLE);
  const columns = Math.max(1, Math.min(count, MOST_COLUMNS, Math.floor(WIDEST_ROW / tile.width)));
  return (series ? overlaidPlots : stackedStrips)(tile, rows, names, count, columns);
}

/** Examples and their reconstructions; of a model that is given noisy examples, those too. */
export const reconstructions: Drawer = {
  file: "reconstructions.png",
  async draw(subject) {
    const { uses, fields, examples, split, fast } = subject;
    const field = uses.reconstruct?.to;
    const { x } = fields;
    const count = Math.min(fast ? AMOUNT.fast : AMOUNT.full, examples.count);
    if (!field || !x || !isDrawable(field) || fieldSize(x) !== fieldSize(field) || count === 0) return undefined;
    const originals = valuesOf(examples.values.x.subarray(0, count * fieldSize(x)), x);
    const corruptible = uses.corrupt && inputsOf(subject, "corrupt", count);
    const noisy = corruptible && (await subject.use("corrupt", count, corruptible, SEED));
    const inputs = inputsOf(subject, "reconstruct", count, noisy && { x: noisy });
    if (!inputs) return undefined;
    const results = await subject.use("reconstruct", count, inputs, SEED);
    const rows = noisy ? [originals, noisy, results] : [originals, results];
    return {
      file: this.file,
      caption: captionOf(field, noisy !== undefined, split),
      png: drawPairs(rows, field, rangeOfExamples(subject)),
    };
  },
};

function captionOf({ kind }: Field, noisy: boolean, split: Subject["split"]): string {
  const examples = `${split[0].toUpperCase()}${split.slice(1)} examples`;
  if (kind === "series") {
    return noisy
      ? `${examples}, the same with noise, and what the model makes of the noisy ones, all on one scale`
      : `${examples} and their reconstructions, all on one scale`;
  }
  return noisy
    ? `${examples} above the same with noise, above what the model makes of the noisy ones`
    : `${examples} above their reconstructions`;
}
