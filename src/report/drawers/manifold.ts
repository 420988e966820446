import { type Field, fieldSize } from "../../data/dataset.ts";
import { tilePlane } from "../tile-plane.ts";
import { isDrawable, tileOf } from "../tiles.ts";
import { type Range, rangeOf } from "../values.ts";
import { type Drawer, inputsOf, rangeOfExamples, SEED, type Subject } from "./drawer.ts";

/** Tiles along each side of the plane. */
const SIDE = { full: 20, fast: 5 };
/** Pixels along the whole of a side: small images grow to about the first, and none are larger than the second. */
const PIXELS = { comfortable: 1100, largest: 1650 };
/** The quantiles of a standard normal distribution between which its middle 95 % lie. */
const PRIOR: Range = { low: -1.96, high: 1.96 };
/** Codes that the plane's edges are taken from where there is no prior. */
const CODES = { full: 5000, fast: 64 };

/** What the decoder makes of every point of a latent plane. */
export const manifold: Drawer = {
  file: "manifold.png",
  async draw(subject) {
    const { uses, split, fast } = subject;
    const { decode, sample } = uses;
    const code = decode && planeCode(decode.from);
    if (!code || !isDrawable(decode.to)) return undefined;
    const edges = sample ? [PRIOR, PRIOR] : await edgesOfCodes(subject);
    if (!edges) return undefined;
    const side = fast ? SIDE.fast : SIDE.full;
    const [xs, ascending] = edges.map(({ low, high }) =>
      Array.from({ length: side }, (_, k) => low + ((high - low) * k) / (side - 1)),
    );
    const ys = ascending.reverse();
    const codes = Float32Array.from(ys.flatMap((y) => xs.flatMap((x) => [x, y])));
    const values = await subject.use("decode", side * side, { [code]: codes }, SEED);
    const size = { side: PIXELS.comfortable / side, largest: PIXELS.largest / side, stretch: 1 };
    const tile = tileOf(decode.to, rangeOf(decode.to, [values], rangeOfExamples(subject)), size);
    const where = sample ? "the prior" : `the codes of ${split} examples`;
    return {
      file: this.file,
      caption: `The latent plane, decoded point by point: the middle 95 % of ${where} in each direction`,
      png: tilePlane(tile, values, xs, ys),
    };
  },
};

/** The name of a decoder's input where it takes a code of two numbers and nothing else. */
function planeCode(from: Readonly<Record<string, Field>>): string | undefined {
  const [[name, field] = [], ...more] = Object.entries(from);
  return field?.kind === "vector" && fieldSize(field) === 2 && more.length === 0 ? name : undefined;
}

/** Between which values the middle 95 % of the codes lie, for each of their two numbers. */
async function edgesOfCodes(subject: Subject): Promise<Range[] | undefined> {
  const { uses, examples, fast } = subject;
  const count = Math.min(fast ? CODES.fast : CODES.full, examples.count);
  const to = uses.encode?.to;
  const inputs = to?.kind === "vector" && fieldSize(to) === 2 ? inputsOf(subject, "encode", count) : undefined;
  if (!inputs) return undefined;
  const codes = await subject.use("encode", count, inputs, SEED);
  const edges = [0, 1].map((axis) => {
    const values = codes.filter((value, i) => i % 2 === axis && Number.isFinite(value)).sort();
    const quantile = (share: number) => values[Math.round(share * (values.length - 1))];
    const [low, high] = [quantile(0.025), quantile(0.975)];
    // A number that is the same in all codes is looked at around it.
    return high > low ? { low, high } : { low: low - 1, high: high + 1 };
  });
  return edges.every(({ low }) => Number.isFinite(low)) ? edges : undefined;
}
