import { fieldSize } from "../../src/data/dataset.ts";
import { nextTask } from "../../src/data/slices.ts";
import { collect, type Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Model } from "../../src/index.ts";
import { input } from "../../src/ops/leaf.ts";
import { usePass } from "../../src/train/batch.ts";
import type { Numbers } from "../../src/train/data.ts";
import { useNamed } from "../../src/train/use-named.ts";
import type { Answers } from "./state.ts";

/** Rows that are computed at a time, so that the page can move in between: few, as the first are computed before the engine has compiled how. */
const ROWS = 4;

/**
 * A model that answers without a GPU: its uses, node by node in plain JavaScript, as the interpreter does that the kernels are
 * held to. Fit for small dense models.
 */
export function interpreted(model: Model, weights: ReadonlyMap<string, ArrayLike<number>>): Answers {
  const feeds = Object.fromEntries([...weights].map(([name, values]) => [name, Float64Array.from(values)]));
  const graphs = new Map<string, Graph>();
  const graphOf = (name: string, rows: number): Graph => {
    const key = `${name} ${rows}`;
    let graph = graphs.get(key);
    if (!graph) {
      const { from, apply } = useNamed(model, name);
      const inputs = Object.entries(from).map(([key, { shape }]) => [key, input(`given ${key}`, [rows, ...shape])]);
      graph = collect({ y: apply(Object.fromEntries(inputs), usePass(rows)) });
      graphs.set(key, graph);
    }
    return graph;
  };
  const use: Answers["use"] = async (name, count, { seed = 0, ...given } = {}) => {
    const { from, to } = useNamed(model, name);
    const width = fieldSize(to);
    const result = new Float32Array(count * width);
    for (let start = 0; start < count; start += ROWS) {
      if (start > 0) await nextTask();
      const rows = Math.min(ROWS, count - start);
      const fed = Object.entries(from).map(([key, field]) => {
        const size = fieldSize(field);
        const values = given[key];
        const part =
          typeof values === "number"
            ? new Float64Array(rows * size).fill(values)
            : (values as Float32Array).subarray(start * size, (start + rows) * size);
        return [`given ${key}`, part] as const;
      });
      const step = start / ROWS;
      const { y } = interpret(graphOf(name, rows), {
        feeds: { ...feeds, ...Object.fromEntries(fed) },
        seed: [seed, 0],
        step,
      });
      result.set(y, start * width);
    }
    return result;
  };
  const countOf = (name: string, key: string, rows: Numbers) =>
    rows.length / fieldSize(useNamed(model, name).from[key]);
  return {
    use,
    sample: (count, options) => use("sample", count, options),
    encode: async (x, options) => use("encode", countOf("encode", "x", x), { ...options, x }),
    decode: async (code, options) => use("decode", countOf("decode", "code", code), { ...options, code }),
    reconstruct: async (x, options) => use("reconstruct", countOf("reconstruct", "x", x), { ...options, x }),
  };
}
