import { gradients } from "../../graph/differentiate.ts";
import { embedding as lookUp, scatterAdd } from "../../ops/indexing.ts";
import { input } from "../../ops/leaf.ts";
import { topK as largestOf } from "../../ops/ranking.ts";
import { mean } from "../../ops/reduce.ts";
import { crossEntropy, softmax as normalise } from "../../ops/softmax.ts";
import { graphCase } from "../case.ts";
import { randomFloats } from "../data.ts";
import type { Family } from "../family.ts";
import { parseExtents } from "../shapes.ts";

/** Classes of a batch, and 512 codes for 7 x 7 places of each image. */
const SOFTMAX = ["128x1000", "6272x512"];
const EMBEDDING = ["6272x512x64", "128x10x16"];
/** Codes of a batch. */
const TOP_K = ["128x256x32", "128x1024x64"];

export const softmax: Family = {
  summary: "softmax of rows, and the cross-entropy of class ids with its gradient; shapes are RxC",
  cases: ({ shapes = SOFTMAX }) =>
    shapes.flatMap((shape) => {
      const [rows, columns] = parseExtents(shape, ["R", "C"]);
      const x = input("x", [rows, columns]);
      const loss = mean(crossEntropy(x, input("ids", [rows])));
      const feeds = () => ({ x: randomFloats(rows * columns, 1, -4, 4), ids: randomIds(rows, columns) });
      const named = { kernel: "softmax", shape: `${rows}x${columns}`, feeds };
      return [
        graphCase({ ...named, variant: "softmax", outputs: { y: normalise(x) } }),
        graphCase({ ...named, variant: "cross-entropy", outputs: { loss, dx: gradients(loss, [x])[0] } }),
      ];
    }),
};

export const embedding: Family = {
  summary:
    "rows of a table by id, and the gradient of the table; shapes are IxNxW: ids, rows of the table, their width",
  cases: ({ shapes = EMBEDDING }) =>
    shapes.flatMap((shape) => {
      const [count, rows, width] = parseExtents(shape, ["I", "N", "W"]);
      const ids = input("ids", [count]);
      const feeds = () => ({
        table: randomFloats(rows * width, 1),
        dy: randomFloats(count * width, 2),
        ids: randomIds(count, rows),
      });
      const named = { kernel: "embedding", shape: `${count}x${rows}x${width}`, feeds };
      return [
        graphCase({ ...named, variant: "gather", outputs: { y: lookUp(input("table", [rows, width]), ids) } }),
        graphCase({
          ...named,
          variant: "scatterAdd",
          outputs: { dx: scatterAdd(input("dy", [count, width]), ids, rows) },
        }),
      ];
    }),
};

export const topK: Family = {
  summary: "the largest numbers of each row, the others 0; shapes are RxCxK: rows, columns, and how many are kept",
  cases: ({ shapes = TOP_K }) =>
    shapes.map((shape) => {
      const [rows, columns, kept] = parseExtents(shape, ["R", "C", "K"]);
      return graphCase({
        kernel: "top-k",
        variant: "mask",
        shape: `${rows}x${columns}x${kept}`,
        outputs: { y: largestOf(input("x", [rows, columns]), kept) },
        feeds: () => ({ x: randomFloats(rows * columns, 1, -4, 4) }),
      });
    }),
};

const randomIds = (count: number, below: number) => randomFloats(count, 3, 0, below).map(Math.floor);
