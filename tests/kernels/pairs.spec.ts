import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import type { BenchReport } from "../../src/bench/report.ts";
import { compile } from "../../src/compiler/compile.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import * as ops from "../../src/ops/public.ts";
import { execute } from "../../src/runtime/execute.ts";
import { driverFile, engineDevice } from "../support/dawn.ts";
import { randomFeeds, relativeError } from "../support/numbers.ts";
import { always, convolution } from "../support/products.ts";

const main = join(import.meta.dirname, "../../dist/cli/main.js");

const operands = (name: string, a: readonly number[], b: readonly number[]) =>
  [ops.input(`${name} a`, a), ops.input(`${name} b`, b)] as const;
const { dw, long } = convolution();

/** Every layout; rows that end in a second quad, or leave one idle. */
const paired = {
  NN: ops.tanh(ops.add(ops.matmul(...operands("NN", [84, 40], [40, 68])), ops.input("bias", [68]))),
  tall: ops.matmul(...operands("tall", [300, 36], [36, 20])),
  TN: ops.matmul(...operands("TN", [33, 84], [33, 72]), { transposeA: true }),
  NT: ops.matmul(...operands("NT", [2, 94, 40], [2, 64, 40]), { transposeB: true }),
  dw,
  long,
};
/** Half of the second quads would be idle; B is read as single numbers. */
const single = {
  low: ops.matmul(...operands("low", [40, 40], [40, 64])),
  numbers: ops.matmul(...operands("numbers", [64, 37], [64, 37]), { transposeB: true }),
};

test("pairs of quads that share their loads agree with float64, and to the bit with quads that do not (lavapipe)", async () => {
  const device = await engineDevice("lavapipe");
  test.skip(!device?.profile.octets, "no lavapipe with subgroups of eight");
  const graph = collect({ ...paired, ...single });
  const feeds = randomFeeds(graph.nodes, 5);
  const results = [];
  for (const octets of [true, false]) {
    const profile = { ...always("subgroup 8"), software: true, adapter: "llvmpipe", octets };
    const { dispatches } = compile(graph, { profile, leaves: () => ({ buffer: { external: "" }, offset: 0 }) });
    const tiles = dispatches.filter(({ kernel }) => kernel.endsWith("/subgroup"));
    const count = octets ? Object.keys(paired).length : 0;
    expect(tiles.filter(({ constants }) => constants.PAIRED === 1)).toHaveLength(count);
    results.push(await execute({ ...device!, profile }, graph, { feeds }));
  }
  const [got, alone] = results;
  const want = interpret(graph, { feeds });
  for (const name of Object.keys(want)) {
    expect.soft(relativeError(got[name], want[name]), name).toBeLessThan(5e-6);
    expect.soft(got[name], name).toEqual(alone[name]);
  }
});

test("pairs of quads are right where lavapipe has subgroups of eight, in a process of its own", async () => {
  const driver = driverFile("lavapipe");
  test.skip(driver === undefined, "no lavapipe");
  const shapes = ["84x40x68", "2x94x40x64 NT", "300x33x72 TN"];
  const args = ["bench", "matmul", ...shapes.flatMap((shape) => ["--shape", shape]), "--rounds", "1", "--host", "dawn"];
  // This process has narrow vectors, which compile sooner: subgroups of four. Mesa's cache does not tell one from the other.
  const wide = { LP_NATIVE_VECTOR_WIDTH: "256", MESA_SHADER_CACHE_DISABLE: "true" };
  const env = { ...process.env, VK_DRIVER_FILES: driver, ...wide };
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args, "--json"], { env });
  const { kernels } = JSON.parse(stdout.trim().split("\n").at(-1)!) as BenchReport;
  expect(kernels.map(({ shape, status }) => ({ shape, status }))).toEqual(
    shapes.map((shape) => ({ shape: shape.includes(" ") ? shape : `${shape} NN`, status: "ok" })),
  );
});
