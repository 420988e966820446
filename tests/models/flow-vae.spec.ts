import { expect, test } from "@playwright/test";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Flow } from "../../src/models/inference.ts";
import { inverseAutoregressiveFlow } from "../../src/models/inverse-autoregressive-flow.ts";
import { planarFlow } from "../../src/models/planar-flow.ts";
import { input } from "../../src/ops/leaf.ts";
import { usePass } from "../../src/train/batch.ts";
import { normals } from "../support/exact-data.ts";
import { long, onlyLong } from "../support/long.ts";
import { bestBound, TOY } from "../support/ppca-toy.ts";

type Weights = Readonly<Record<string, readonly number[]>>;

/** A flow in float64: what becomes of codes of so many numbers that are all told the same. */
function through(flow: Flow, codes: readonly (readonly number[])[], context: readonly number[], weights: Weights = {}) {
  const [rows, latent] = [codes.length, codes[0].length];
  const { z, logDet } = flow.apply(input("z", [rows, latent]), input("context", [rows, flow.context]), usePass(rows));
  const feeds = { ...weights, z: codes.flat(), context: codes.flatMap(() => context) };
  const found = interpret(collect({ z, logDet }), { feeds });
  return { z: codes.map((_, k) => [...found.z.subarray(k * latent, (k + 1) * latent)]), logDet: [...found.logDet] };
}

function determinant(matrix: readonly (readonly number[])[]): number {
  if (matrix.length === 0) return 1;
  return matrix[0].reduce((sum, value, k) => {
    const rest = matrix.slice(1).map((row) => row.filter((_, column) => column !== k));
    return sum + (k % 2 === 0 ? value : -value) * determinant(rest);
  }, 0);
}

/** ∂f_i/∂z_j by differences: [i][j] */
function jacobian(of: (code: readonly number[]) => readonly number[], at: readonly number[]): number[][] {
  const step = 1e-5;
  const columns = at.map((_, j) => {
    const moved = (by: number) => of(at.map((value, k) => (k === j ? value + by : value)));
    const [before, after] = [moved(-step), moved(step)];
    return after.map((value, i) => (value - before[i]) / (2 * step));
  });
  return at.map((_, i) => columns.map((column) => column[i]));
}

const expectNear = (actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]) =>
  expected.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(actual[i][j]).toBeCloseTo(value, 9);
    });
  });

const CODES = [
  [0.5, -1, 0.3],
  [-0.2, 0.8, 1.5],
];

test("a planar step is the exact one", () => {
  const [u, w, b] = [[-1.2, 0.3, -0.8], [0.7, -0.4, 0.9], 0.1];
  const { z, logDet } = through(planarFlow({ latent: 3, steps: 1 }), CODES, [...u, ...w, b]);
  expectNear(z, [
    [-0.13962162804522382, -0.9459927946544805, 0.0775376734002543],
    [-0.7998563254363837, 0.8506495751944163, 1.2913681652854976],
  ]);
  expectNear([logDet], [[-0.3402215209567687, -0.4362276857324981]]);
});

/** A network whose hidden units are far on the linear side: s and m are linear in the numbers before. */
const LINEAR = {
  // Unit 1 sees the first number, unit 2 two of them; what is masked is 9.
  "flow.0.hidden.weight": [9, 1, 0, 9, 9, 1, 9, 9, 9],
  // Rows are units, columns s and m of each number.
  "flow.0.out.weight": [...[0, 0, 0, 0, 0, 0], ...[9, 0.6, -0.3, 9, 0.4, 0.2], ...[9, 9, 0.8, 9, 9, -0.5]],
  // The units are 20 larger than the numbers that they pass on.
  "flow.0.out.bias": [0, -12, -10, 0.1, 0.1 - 8, 0.1 + 6],
};

test("an inverse autoregressive step is the exact one, whatever the masked weights are", () => {
  const flow = inverseAutoregressiveFlow({ latent: 3, steps: 1, width: 3, initializer: "glorot" });
  const { z, logDet } = through(flow, CODES, [0, 20, 20], LINEAR);
  expectNear(z, [
    [0.392423431452002, -0.7215854779553261, 0.49500104140631584],
    [-0.11931757358900147, 0.5713213324529828, 1.2157839122462961],
  ]);
  expectNear([logDet], [[-1.2227297893645013, -0.8280238169234412]]);
});

for (const latent of [1, 2, 4]) {
  for (const [name, flow] of [
    ["planar", planarFlow({ latent, steps: 3 })],
    ["inverse autoregressive", inverseAutoregressiveFlow({ latent, steps: 3, width: 7, initializer: "pytorch" })],
  ] as const) {
    test(`three ${name} steps over ${latent} numbers have the log-determinant of their Jacobian`, () => {
      const drawn = normals(40, latent).flat();
      const weights = Object.fromEntries(flow.parameters.map(({ name, initialize }) => [name, [...initialize(5)]]));
      const context = drawn.slice(0, flow.context);
      const code = drawn.slice(-latent);
      const { logDet } = through(flow, [code], context, weights);
      const matrix = jacobian((at) => through(flow, [at], context, weights).z[0], code);
      expect(Math.abs(logDet[0])).toBeGreaterThan(0.1);
      expect(logDet[0]).toBeCloseTo(Math.log(Math.abs(determinant(matrix))), 7);
    });
  }
}

test("each number is moved by those before it alone, and in the next step by those behind it", () => {
  const latent = 4;
  const parts = { latent, width: 9, initializer: "pytorch" } as const;
  const code = [0.3, -0.2, 1, 0.5];
  for (const [steps, zero] of [
    [1, (i: number, j: number) => j > i],
    [2, () => false],
  ] as const) {
    const flow = inverseAutoregressiveFlow({ ...parts, steps });
    const weights = Object.fromEntries(flow.parameters.map(({ name, initialize }) => [name, [...initialize(5)]]));
    const context = new Array<number>(flow.context).fill(0.1);
    const matrix = jacobian((at) => through(flow, [at], context, weights).z[0], code);
    for (const [i, row] of matrix.entries()) {
      for (const [j, value] of row.entries()) expect(Math.abs(value) < 1e-9, `${steps}: ${i}, ${j}`).toBe(zero(i, j));
    }
  }
});

test("where a normal posterior misses correlations, one with a flow closes nine tenths of the gap to ln p(x)", async () => {
  test.skip(!long, onlyLong);
  const latent = 3;
  const flows = {
    planar: planarFlow({ latent, steps: 8 }),
    ...(long && { autoregressive: inverseAutoregressiveFlow({ latent, steps: 2, width: 16, initializer: "glorot" }) }),
  };
  for (const [name, flow] of Object.entries(flows)) {
    const bound = await bestBound({ posterior: "logVariance", divergence: "monteCarlo", flow });
    expect(bound, name).toBeGreaterThan(TOY.bestDiagonal + 0.6);
    expect(bound, name).toBeLessThan(TOY.logEvidence + 0.02);
  }
});
