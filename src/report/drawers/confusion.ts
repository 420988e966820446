import { fieldSize } from "../../data/dataset.ts";
import { confusionTable } from "../confusion-table.ts";
import { type Drawer, inputsOf, SEED } from "./drawer.ts";

const AMOUNT = { full: 10_000, fast: 64 };
/** More classes than this are no table that can be looked at. */
const MOST_CLASSES = 200;

/** What a classifier takes each class for. */
export const confusion: Drawer = {
  file: "confusion.png",
  async draw(subject) {
    const { uses, fields, examples, fast } = subject;
    const { classify } = uses;
    const count = Math.min(fast ? AMOUNT.fast : AMOUNT.full, examples.count);
    const labels = fields.label?.kind === "label" ? examples.values.label : undefined;
    if (classify?.to.kind !== "vector" || !labels || count === 0) return undefined;
    const predictable = fieldSize(classify.to);
    const classes = Math.max(predictable, 1 + Math.max(...labels.subarray(0, count)));
    const inputs = inputsOf(subject, "classify", count);
    if (!inputs || predictable < 2 || classes > MOST_CLASSES) return undefined;
    const probabilities = await subject.use("classify", count, inputs, SEED);

    const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    let [wrong, undecided] = [0, 0];
    for (let i = 0; i < count; i++) {
      const predicted = largest(probabilities.subarray(i * predictable, (i + 1) * predictable));
      if (predicted !== labels[i]) wrong++;
      if (predicted < 0) undecided++;
      else counts[labels[i]][predicted]++;
    }
    const rate = `${((100 * wrong) / count).toFixed(2)} % are wrong (${wrong} of ${count})`;
    const rest = undecided > 0 ? `; ${undecided} with a probability that is no number are left out of the table` : "";
    return {
      file: this.file,
      caption: `True classes of test examples against those that the model predicts: ${rate}${rest}`,
      png: confusionTable(counts, fields.label.names),
    };
  },
};

/** Where the largest of some numbers stands, the first of equal ones; −1 where one is not finite. */
function largest(values: Float32Array): number {
  let best = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) return -1;
    if (values[i] > values[best]) best = i;
  }
  return best;
}
