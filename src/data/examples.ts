import { ReparamError } from "../errors.ts";
import { type Dataset, type Field, type FieldValues, fieldSize, type Split } from "./dataset.ts";
import { holdOut, rowsAt } from "./hold-out.ts";
import { type Classes, classesOf, type Labels } from "./labels.ts";

/** What was read of a file, or of several that belong together, before it is a training or a test split. */
export interface Examples {
  /** What they are called in a sentence: the file. */
  readonly source: string;
  readonly count: number;
  readonly x: Field;
  /** [count, ...x.shape] */
  readonly values: FieldValues;
  readonly labels?: Labels;
  readonly remarks?: readonly string[];
}

/** Examples that are still to be split, or two splits. */
export type Parts = { readonly all: Examples } | { readonly train: Examples; readonly test: Examples };

/** The same with more to tell. */
export function withRemarks(parts: Parts, remarks: readonly string[]): Parts {
  const told = (examples: Examples) => ({ ...examples, remarks: [...remarks, ...(examples.remarks ?? [])] });
  return "all" in parts ? { all: told(parts.all) } : { ...parts, train: told(parts.train) };
}

/**
 * A data set of what was read. Without a test split a tenth is held out. `made`: the fields of a model that is to be used on
 * it, whose classes are kept. Throws ReparamError "data" where two splits do not fit together.
 */
export function datasetOf(name: string, parts: Parts, seed: number, made?: Dataset["fields"]): Dataset {
  const splits = "all" in parts ? [parts.all] : [parts.train, parts.test];
  for (const part of splits) checkExamples(part);
  if ("test" in parts) checkFit(parts.train, parts.test);
  // Labels of one split alone are of no use: a field is in both.
  const labels = splits.flatMap((part) => (part.labels ? [part.labels] : []));
  const classes = labels.length === splits.length ? classesOf(labels, made?.label) : undefined;
  const x = withUnit(splits[0].x, splits);
  const fields = { x, ...(classes && { label: classes.field }) };
  const lone =
    labels.length > 0 && !classes ? ["one of the splits has no classes, so those of the other are not used"] : [];
  const remarks = [...new Set([...splits.flatMap((part) => part.remarks ?? []), ...lone])];
  const whole = splits.map((part, k) => splitOf(part, classes, k));
  if (whole.length === 2) return { name, fields, train: whole[0], test: whole[1], remarks };

  const [{ count }] = whole;
  if (count < 2) {
    const { source } = splits[0];
    throw new ReparamError("data", `${source} holds a single example; at least two are needed to train and to test.`);
  }
  const { train, test } = holdOut(count, seed);
  const held = `held out for the test: ${test.length} of ${count} examples, which data.seed selects`;
  return {
    name,
    fields,
    train: { ...rowsAt(fields, whole[0], train), rows: train },
    test: { ...rowsAt(fields, whole[0], test), rows: test },
    remarks: [...remarks, held],
  };
}

const splitOf = ({ count, values }: Examples, classes: Classes | undefined, k: number): Split => ({
  count,
  values: { x: values, ...(classes && { label: classes.values[k] }) },
});

/** Bytes that are 0 and 1 stand for themselves; others for 0..1. */
function withUnit(x: Field, splits: readonly Examples[]): Field {
  if (x.store !== "u8" || x.unit !== 255) return x;
  let largest = 0;
  for (const { values } of splits) for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]);
  return largest === 1 ? { ...x, unit: 1 } : x;
}

function checkExamples({ source, count, x, values, labels }: Examples): void {
  if (count === 0 || values.length === 0) throw new ReparamError("data", `${source} holds no examples.`);
  if (values.length !== count * fieldSize(x)) throw new Error(`${values.length} values of ${count} examples`);
  if (!labels || labels.values.length === count) return;
  const counts = `${labels.values.length} labels and ${source} ${count} images`;
  throw new ReparamError("data", `${labels.source} holds ${counts}; there must be one label for each image.`);
}

function checkFit(train: Examples, test: Examples): void {
  const shapes = [train, test].map(({ x }) => x.shape.join(" x "));
  if (shapes[0] !== shapes[1]) {
    const found = `${shapes[0]} and those of ${test.source} are ${shapes[1]}`;
    throw new ReparamError("data", `The examples of ${train.source} are ${found}; both must have one shape.`);
  }
  if (train.x.store !== test.x.store) {
    const stores = `${train.x.store} and those of ${test.source} as ${test.x.store}`;
    throw new ReparamError("data", `The numbers of ${train.source} are stored as ${stores}; save both alike.`);
  }
}
