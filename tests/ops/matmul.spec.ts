import { expect } from "@playwright/test";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import * as ops from "../../src/ops/public.ts";
import { adapterNames, isSlow, test } from "../support/adapters.ts";
import { randomFeeds } from "../support/numbers.ts";

/** M, K, N: ones, primes, multiples of 4, sizes beside a tile's, long sums. */
const sizes: readonly (readonly [number, number, number])[] = [
  [7, 13, 5],
  [1, 1, 1],
  [12, 20, 36],
  [17, 32, 16],
  [13, 24, 44],
  [4, 7, 8],
  [1, 512, 4],
  [33, 5, 1],
  [20, 784, 12],
];
const layouts = [{}, { transposeA: true }, { transposeB: true }, { transposeA: true, transposeB: true }];

for (const name of adapterNames) {
  for (const baseline of isSlow(name) ? [false] : [false, true]) {
    const chosen = isSlow(name) ? sizes.slice(0, 4) : sizes;
    test(`products of every layout to 1e-5 of their rows and columns: ${name}${baseline ? ", default limits" : ""}`, async ({
      adapters,
    }) => {
      const run = await adapters.open(name, baseline);
      const outputs = chosen.flatMap(([m, k, n]) =>
        layouts.map((layout, index) => {
          const a = ops.parameter(`a ${[m, k, n, index]}`, layout.transposeA ? [k, m] : [m, k]);
          const b = ops.parameter(`b ${[m, k, n, index]}`, layout.transposeB ? [n, k] : [k, n]);
          return [`${m}x${k}x${n} ${JSON.stringify(layout)}`, ops.matmul(a, b, layout), a, b] as const;
        }),
      );
      // √(Σ a²) √(Σ b²) of each row of A and column of B, by the interpreter as well
      const scales = outputs.map(([what, , a, b], index) => {
        const { transposeA, transposeB } = { transposeA: false, transposeB: false, ...layouts[index % layouts.length] };
        const rows = ops.sum(ops.square(a), { axes: [transposeA ? 0 : 1] });
        const columns = ops.sum(ops.square(b), { axes: [transposeB ? 1 : 0] });
        return [what, ops.sqrt(ops.mul(ops.reshape(rows, [rows.shape[0], 1]), columns))] as const;
      });
      const graph = collect(Object.fromEntries(outputs));
      const feeds = randomFeeds(graph.nodes, 12);
      const got = await run(graph, { feeds });
      const want = interpret(graph, { feeds });
      const scale = interpret(collect(Object.fromEntries(scales)), { feeds });
      const wrong = Object.keys(want).filter(
        (what) => !want[what].every((value, i) => Math.abs(got[what][i] - value) < 1e-5 * scale[what][i]),
      );
      expect(wrong).toEqual([]);
    });
  }
}
