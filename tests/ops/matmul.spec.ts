import { expect } from "@playwright/test";
import { simplify } from "../../src/compiler/simplify.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import * as ops from "../../src/ops/public.ts";
import { driverAdapters, isSlow, quickAdapters, test } from "../support/adapters.ts";
import { long } from "../support/long.ts";
import { randomFeeds, relativeError } from "../support/numbers.ts";

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

/** In the quick suite not every size comes in every layout: on the quick adapter those of the first three, else one of a size. */
function isChosen(name: string, baseline: boolean, size: number, layout: number): boolean {
  if (long) return true;
  if (isSlow(name)) return size === 2 && layout % 3 === 0;
  return layout === size % layouts.length ? !baseline || size < 3 : !baseline && size < 3;
}

for (const name of driverAdapters) {
  for (const baseline of isSlow(name) ? [false] : [false, true]) {
    test(`products of every layout to 1e-5 of their rows and columns: ${name}${baseline ? ", default limits" : ""}`, async ({
      adapters,
    }) => {
      const run = await adapters.open(name, baseline);
      const outputs = sizes.flatMap(([m, k, n], size) =>
        layouts.flatMap((layout, index) => {
          if (!isChosen(name, baseline, size, index)) return [];
          const a = ops.parameter(`a ${[m, k, n, index]}`, layout.transposeA ? [k, m] : [m, k]);
          const b = ops.parameter(`b ${[m, k, n, index]}`, layout.transposeB ? [n, k] : [k, n]);
          return [{ what: `${m}x${k}x${n} ${JSON.stringify(layout)}`, y: ops.matmul(a, b, layout), a, b, layout }];
        }),
      );
      // √(Σ a²) √(Σ b²) of each row of A and column of B, by the interpreter as well
      const scales = outputs.map(({ what, a, b, layout }) => {
        const { transposeA, transposeB } = { transposeA: false, transposeB: false, ...layout };
        const rows = ops.sum(ops.square(a), { axes: [transposeA ? 0 : 1] });
        const columns = ops.sum(ops.square(b), { axes: [transposeB ? 1 : 0] });
        return [what, ops.sqrt(ops.mul(ops.reshape(rows, [rows.shape[0], 1]), columns))] as const;
      });
      const graph = collect(Object.fromEntries(outputs.map(({ what, y }) => [what, y])));
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

/** Operands of batched products by NumPy's rule, with the shape of the result. */
const batches: readonly (readonly [string, readonly number[], readonly number[], object, readonly number[]])[] = [
  ["equal batches", [3, 5, 7], [3, 7, 2], {}, [3, 5, 2]],
  ["vec4f", [3, 20, 8], [3, 8, 36], {}, [3, 20, 36]],
  ["a batch of one", [1, 9, 5], [1, 5, 4], {}, [1, 9, 4]],
  ["a batch of one, transposed", [1, 5, 9], [1, 5, 4], { transposeA: true }, [1, 9, 4]],
  ["two batch axes", [2, 3, 4, 5], [2, 3, 4, 6], { transposeA: true }, [2, 3, 5, 6]],
  ["rows of B, vec4f", [2, 17, 12], [2, 20, 12], { transposeB: true }, [2, 17, 20]],
  ["both transposed", [2, 5, 3], [2, 4, 5], { transposeA: true, transposeB: true }, [2, 3, 4]],
  ["one B", [4, 6, 8], [8, 12], {}, [4, 6, 12]],
  ["one B, for Aᵀ", [3, 8, 6], [8, 12], { transposeA: true }, [3, 6, 12]],
  ["one A", [6, 8], [3, 8, 12], {}, [3, 6, 12]],
  ["one A, under ones", [1, 1, 6, 5], [2, 3, 5, 4], {}, [2, 3, 6, 4]],
  ["axes of B that repeat", [2, 3, 4, 5], [3, 5, 4], {}, [2, 3, 4, 4]],
  ["axes of both that repeat", [2, 1, 4, 5], [3, 5, 4], {}, [2, 3, 4, 4]],
  ["a long sum", [2, 4, 700], [2, 700, 4], {}, [2, 4, 4]],
  ["a long sum of columns", [2, 700, 5], [2, 700, 8], { transposeA: true }, [2, 5, 8]],
];

for (const name of quickAdapters) {
  test(`batched products, and their gradients, broadcast as NumPy's: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const outputs = batches.flatMap(([what, a, b, layout, shape], k) => {
      const x = ops.parameter(`${what} a`, a);
      const y = ops.parameter(`${what} b`, b);
      const product = ops.matmul(x, y, layout);
      expect(product.shape, what).toEqual(shape);
      const [dx, dy] = gradients(ops.sum(ops.mul(product, ops.input(`${what} weights`, shape))), [x, y]);
      const bias = ops.parameter(`${what} bias`, shape.slice(-1));
      return [
        [what, product],
        ...(long || k % 4 === 1
          ? [[`${what}, with an epilogue`, ops.relu(ops.add(ops.mul(2, product), bias))] as const]
          : []),
        ...(long || k % 2 === 0
          ? ([
              [`${what}: d / da`, dx],
              [`${what}: d / db`, dy],
            ] as const)
          : []),
      ] as const;
    });
    const graph = collect(Object.fromEntries(outputs));
    const feeds = randomFeeds(graph.nodes, 5);
    const want = interpret(graph, { feeds });
    for (const fuse of long ? [true, false] : [true]) {
      const got = await run(graph, { feeds, fuse });
      const wrong = Object.keys(want).filter((what) => !(relativeError(got[what], want[what]) < 5e-6));
      expect(wrong).toEqual([]);
    }
  });
}

test("a batched product is what NumPy says: [2, 1, 2, 2] by [2, 2, 1]", () => {
  const a = ops.input("a", [2, 1, 2, 2]);
  const b = ops.input("b", [2, 2, 1]);
  const feeds = { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1, -1, 10, 1] };
  const { c } = interpret(collect({ c: ops.matmul(a, b) }), { feeds });
  expect([...c]).toEqual([-1, -1, 12, 34, -1, -1, 56, 78]);
});

test("transposes of the last two axes are layouts of the product, and no kernel", () => {
  const x = ops.parameter("x", [3, 8, 4]);
  const y = ops.parameter("y", [3, 8, 12]);
  const turned = ops.matmul(ops.transpose(x, [0, 2, 1]), y);
  const { nodes } = simplify(collect({ turned }));
  expect(nodes.map(({ op }) => op.name)).toEqual(["parameter", "parameter", "matmul"]);
  const other = simplify(collect({ z: ops.matmul(ops.transpose(x, [1, 2, 0]), ops.parameter("z", [8, 3, 5])) }));
  expect(other.nodes.map(({ op }) => op.name)).toContain("transpose");
});

test("matmul refuses batches that do not broadcast, and vectors", () => {
  const of = (...shape: number[]) => ops.input(`${shape}`, shape);
  expect(() => ops.matmul(of(2, 3, 4), of(3, 4, 5))).toThrow("[2] and [3] do not broadcast");
  expect(() => ops.matmul(of(3, 4), of(4))).toThrow("matmul: shapes [3,4] and [4] are not two matrices.");
  expect(() => ops.matmul(of(2, 3, 4), of(2, 5, 4))).toThrow("do not chain: 4 columns meet 5 rows");
});
