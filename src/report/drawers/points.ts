import { valuesOf } from "../../data/dataset.ts";
import { latentScatter } from "../latent-scatter.ts";
import { isPoint } from "../picture.ts";
import { type Drawer, inputsOf, SEED } from "./drawer.ts";

const AMOUNT = { full: 1000, fast: 64 };
/** Where blue and red stand among the colours of classes. */
const [EXAMPLES, SAMPLES] = [0, 2];

/** What a model makes of noise where examples are points of the plane: as dots, over as many examples. */
export const points: Drawer = {
  file: "points.png",
  async draw(subject) {
    const { uses, fields, examples, fast } = subject;
    const count = Math.min(fast ? AMOUNT.fast : AMOUNT.full, examples.count);
    if (!isPoint(uses.sample?.to) || !isPoint(fields.x) || count === 0) return undefined;
    const inputs = inputsOf(subject, "sample", count);
    if (!inputs) return undefined;
    const samples = await subject.use("sample", count, inputs, SEED);
    const [xLabel, yLabel] = fields.x.names ?? ["x₁", "x₂"];
    const names: string[] = [];
    [names[EXAMPLES], names[SAMPLES]] = ["test examples", "samples"];
    const png = latentScatter({
      points: Float32Array.of(...valuesOf(examples.values.x.subarray(0, 2 * count), fields.x), ...samples),
      count: 2 * count,
      labels: Uint8Array.from({ length: 2 * count }, (_, i) => (i < count ? EXAMPLES : SAMPLES)),
      names,
      title: `${count} samples over ${count} test examples`,
      xLabel,
      yLabel,
    });
    return { file: this.file, caption: "Samples over test examples", png };
  },
};
