import { fieldSize } from "../../data/dataset.ts";
import { classColors, OTHER } from "../class-colors.ts";
import { histogram } from "../histogram.ts";
import { CATEGORIES } from "../palette.ts";
import { type Drawer, inputsOf, SEED } from "./drawer.ts";

const AMOUNT = { full: 10_000, fast: 64 };

/** How high examples score, each class in its colour. */
export const scores: Drawer = {
  file: "scores.png",
  async draw(subject) {
    const { uses, fields, examples, split, fast } = subject;
    const { score } = uses;
    const count = Math.min(fast ? AMOUNT.fast : AMOUNT.full, examples.count);
    if (!score || fieldSize(score.to) !== 1 || count === 0) return undefined;
    const inputs = inputsOf(subject, "score", count);
    if (!inputs) return undefined;
    const values = await subject.use("score", count, inputs, SEED);
    const classes = fields.label?.kind === "label" ? fields.label : undefined;
    const labels = classes && examples.values.label?.subarray(0, count);
    const colors = labels && classColors(labels, classes.names);
    const groups = colors
      ? colors.legend.map((entry) => ({
          ...entry,
          values: values.filter((_, row) => (colors.of(labels[row]) ?? OTHER) === entry.color),
        }))
      : [{ name: "examples", color: CATEGORIES[0], values }];
    const png = histogram({
      title: `Scores of ${count} ${split} examples`,
      xLabel: "score",
      yLabel: "examples",
      groups,
    });
    return { file: this.file, caption: `Scores of ${split} examples: how badly each is redrawn`, png };
  },
};
