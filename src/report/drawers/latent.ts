import { fieldSize } from "../../data/dataset.ts";
import { latentScatter } from "../latent-scatter.ts";
import { principalComponents2 } from "../principal-components.ts";
import { type Drawer, inputsOf, SEED } from "./drawer.ts";

const AMOUNT = { full: 5000, fast: 64 };

/** The codes of examples in the plane, each in its class's colour. */
export const latent: Drawer = {
  file: "latent.png",
  async draw(subject) {
    const { uses, fields, examples, split, fast } = subject;
    const code = uses.encode?.to;
    const count = Math.min(fast ? AMOUNT.fast : AMOUNT.full, examples.count);
    if (code?.kind !== "vector" || count === 0) return undefined;
    const inputs = inputsOf(subject, "encode", count);
    if (!inputs) return undefined;
    const codes = await subject.use("encode", count, inputs, SEED);
    const classes = fields.label?.kind === "label" ? fields.label : undefined;
    const png = latentScatter({
      ...inPlane(codes, count, fieldSize(code)),
      count,
      labels: classes && examples.values.label?.subarray(0, count),
      names: classes?.names,
      title: `Codes of ${count} ${split} examples`,
    });
    return { file: this.file, caption: `Codes of ${split} examples`, png };
  },
};

/** Codes of two numbers as they are, of more along the two directions in which they vary most. */
function inPlane(codes: Float32Array, count: number, width: number) {
  if (width === 2) return { points: codes, xLabel: "z₁", yLabel: "z₂" };
  if (width === 1)
    return {
      points: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 ? 0 : codes[i / 2])),
      xLabel: "z",
      yLabel: "",
    };
  const { points, explained } = principalComponents2(codes, count, width);
  const [xLabel, yLabel] = explained.map(
    (share, i) => `${["first", "second"][i]} principal component (${Math.round(share * 100)} % of the variance)`,
  );
  return { points, xLabel, yLabel };
}
