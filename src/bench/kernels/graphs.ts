import { gradients } from "../../graph/differentiate.ts";
import { pickField } from "../../kernels/pick.ts";
import type { Node } from "../../node/node.ts";
import { gelu, relu } from "../../ops/activation.ts";
import { input } from "../../ops/leaf.ts";
import {
  bceWithLogits,
  gaussianNll,
  klStandardNormal,
  reparameterise as sampleCode,
  squaredError,
} from "../../ops/loss.ts";
import { normal, uniform } from "../../ops/noise.ts";
import { sum } from "../../ops/reduce.ts";
import { permute } from "../../random/feistel.ts";
import { type BenchCase, graphCase, planCase, SEED } from "../case.ts";
import { randomBytes, randomFloats } from "../data.ts";
import type { Family } from "../family.ts";
import { parseExtents } from "../shapes.ts";

/** A family whose shapes are RxC, with one case or more a shape. */
function twoDimensional(
  summary: string,
  standard: readonly string[],
  make: (rows: number, columns: number) => BenchCase[],
): Family {
  return {
    summary,
    cases: ({ shapes = standard }) =>
      shapes.flatMap((shape) => {
        const [rows, columns] = parseExtents(shape, ["R", "C"]);
        return make(rows, columns);
      }),
  };
}

const shapeOf = (rows: number, columns: number) => `${rows}x${columns}`;

export const elementwise = twoDimensional("an activation of every element", ["1024x1024"], (rows, columns) => {
  const x = input("x", [rows, columns]);
  const feeds = () => ({ x: randomFloats(rows * columns, 1, -4, 4) });
  const named = { kernel: "elementwise", shape: shapeOf(rows, columns), feeds };
  return [
    graphCase({ ...named, variant: "relu", outputs: { y: relu(x) } }),
    graphCase({ ...named, variant: "gelu", outputs: { y: gelu(x) } }),
  ];
});

export const reduce = twoDimensional("sums of rows, of columns, and of everything", ["1024x1024"], (rows, columns) => {
  const x = input("x", [rows, columns]);
  // Of one sign: the sum of everything would cancel otherwise, and its relative error say nothing.
  const feeds = () => ({ x: randomFloats(rows * columns, 1, 0, 1) });
  const named = { kernel: "reduce", shape: shapeOf(rows, columns), feeds };
  return [
    graphCase({ ...named, variant: "rows", outputs: { y: sum(x, { axes: [1] }) } }),
    graphCase({ ...named, variant: "columns", outputs: { y: sum(x, { axes: [0] }) } }),
    graphCase({ ...named, variant: "all", outputs: { y: sum(x) } }),
  ];
});

/** A loss summed over each row, and its gradient by what the network put out, as in a training step. */
const withGradient = (perElement: Node, wrt: readonly Node[]) => ({
  rows: sum(perElement, { axes: [1] }),
  ...Object.fromEntries(gradients(sum(perElement), wrt).map((slope, k) => [`slope${k}`, slope])),
});

export const loss = twoDimensional("a loss a row with its gradient", ["128x784"], (rows, columns) => {
  const [y, v, x] = ["y", "v", "x"].map((name) => input(name, [rows, columns]));
  const size = rows * columns;
  const named = { kernel: "loss", shape: shapeOf(rows, columns) };
  const two = () => ({ y: randomFloats(size, 1, -4, 4), x: randomFloats(size, 2, 0, 1) });
  const three = () => ({ ...two(), v: randomFloats(size, 3, -2, 2) });
  return [
    graphCase({ ...named, variant: "bernoulli", outputs: withGradient(bceWithLogits(y, x), [y]), feeds: two }),
    graphCase({ ...named, variant: "gaussian", outputs: withGradient(gaussianNll(y, v, x), [y, v]), feeds: three }),
    graphCase({ ...named, variant: "squared error", outputs: withGradient(squaredError(y, x), [y]), feeds: two }),
  ];
});

export const reparameterise = twoDimensional(
  "z = mean + sigma noise, and the KL term of each row",
  ["128x20", "1024x512"],
  (rows, columns) => {
    const [mean, logVariance] = ["mean", "logVariance"].map((name) => input(name, [rows, columns]));
    const outputs = {
      z: sampleCode(mean, logVariance, normal("epsilon", [rows, columns])),
      kl: sum(klStandardNormal(mean, logVariance), { axes: [1] }),
    };
    const feeds = () => ({
      mean: randomFloats(rows * columns, 1),
      logVariance: randomFloats(rows * columns, 2, -2, 2),
    });
    return [graphCase({ kernel: "reparameterise", variant: "with KL", shape: shapeOf(rows, columns), outputs, feeds })];
  },
);

export const noise = twoDimensional("Philox random numbers", ["1024x1024"], (rows, columns) =>
  Object.entries({ normal, uniform }).map(([variant, draw]) =>
    graphCase({
      kernel: "noise",
      variant,
      shape: shapeOf(rows, columns),
      outputs: { y: draw("epsilon", [rows, columns]) },
      feeds: () => ({}),
    }),
  ),
);

/** Examples that a batch is picked from. */
const EXAMPLES = 10_000;

export const pick = twoDimensional("a shuffled batch out of 10,000 examples of bytes", ["128x784"], (rows, columns) => {
  const epoch = 3;
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const data = () => (bytes ??= randomBytes(EXAMPLES * columns, 1));
  const dataBytes = Math.ceil((EXAMPLES * columns) / 16) * 16;
  return [
    planCase({
      kernel: "pick",
      variant: "shuffled",
      shape: shapeOf(rows, columns),
      state: { epoch, batch: 0, batches: Math.ceil(EXAMPLES / rows), examples: EXAMPLES },
      buffers: () => ({ data: data(), x: Math.ceil((rows * columns) / 4) * 16, weight: Math.ceil(rows / 4) * 16 }),
      plan: ({ profile }) => {
        const dispatch = pickField({
          field: { size: columns, store: "u8", unit: 255 },
          shard: { buffer: "data", bytes: dataBytes, first: 0, count: EXAMPLES },
          into: "x",
          batchSize: rows,
          shuffle: true,
          profile,
        });
        const [, x, weight] = dispatch.bindings;
        return {
          dispatches: [dispatch],
          slots: [],
          outputs: { x: { binding: x, shape: [rows, columns] }, weight: { binding: weight, shape: [rows] } },
        };
      },
      expected: () => {
        const source = data();
        const x = new Float64Array(rows * columns);
        for (let row = 0; row < Math.min(rows, EXAMPLES); row++) {
          const from = permute(row, EXAMPLES, SEED, epoch) * columns;
          for (let column = 0; column < columns; column++) x[row * columns + column] = source[from + column] / 255;
        }
        return { x, weight: Float64Array.from({ length: rows }, (_, row) => Number(row < EXAMPLES)) };
      },
    }),
  ];
});
