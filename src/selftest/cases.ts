import { type BenchCase, graphCase, planCase, randomFeeds } from "../bench/case.ts";
import { families } from "../bench/catalog.ts";
import { updateCase } from "../bench/kernels/optimizer.ts";
import { productsOf } from "../compiler/compile.ts";
import { withChoices } from "../gpu/device.ts";
import type { DeviceProfile } from "../gpu/profile.ts";
import { collect, type Graph } from "../graph/graph.ts";
import { defaultChoice, printChoice, productName, productVariants } from "../kernels/choice.ts";
import { pickRows } from "../kernels/pick.ts";
import { encodeState, STATE_BYTES } from "../kernels/state.ts";
import { advanceState, RING_ROWS, ringRow } from "../kernels/update.ts";
import { DEFAULT_OPTIMIZER, optimizerRules } from "../nn/optimizers.ts";
import { gelu } from "../ops/activation.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { half } from "../ops/half.ts";
import { input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { max, sum } from "../ops/reduce.ts";
import { externalBinding, stateBinding } from "../plan/binding.ts";
import { permute } from "../random/feistel.ts";
import { elementCases } from "./element-cases.ts";
import { shapesCase } from "./shapes-case.ts";

/**
 * The shapes of the self-test: extents that are and are not multiples of four, sums long enough to be cut into slices, and all so
 * small that a reference takes a few milliseconds, since a page waits for it.
 */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  pool: ["2x9x7x4 k3 s2", "1x6x5x3"],
  upsample: ["2x5x4x4", "1x3x5x3 f3"],
  reduce: ["7x5", "9x20", "200x300"],
  softmax: ["13x37", "16x200"],
  loss: ["9x20", "5x7"],
  norm: ["3x4x2x8", "8x5x5x6"],
  reparameterise: ["9x20"],
  noise: ["32x100"],
  pick: ["7x13", "16x52"],
  embedding: ["37x6x8", "401x5x3"],
  "top-k": ["9x20x3"],
  "gradient-norm": ["1000", "70000"],
};

/** Products, of which every variant that this device may choose is tried. */
const PRODUCTS: Readonly<Record<string, readonly string[]>> = {
  matmul: [
    ...["20x24x28", "24x20x28 TN", "20x24x28 NT", "5x7x3", "17x300x1 NT", "3x20x12x8 TN"],
    ...["36x520x36 TN", "72x132x68"],
  ],
  conv: ["2x9x7x4x8 k3 s2", "1x5x6x3x1", "2x8x8x12x32"],
};

/** Every kernel that this device may be given, each with its float64 reference; in parts, since a page waits for each. */
export function selfTestParts(profile: DeviceProfile): (() => BenchCase[])[] {
  const request = { variants: true, large: false, profile };
  const products = (name: string, shape: string) => () =>
    families[name].graphs!([shape]).flatMap((graph) => productCases(name, graph, profile));
  return [
    ...Object.entries(PRODUCTS).flatMap(([name, shapes]) => shapes.map((shape) => products(name, shape))),
    () => productCases("dense", denseGraph(false), profile),
    () => (profile.f16 ? productCases("dense f16", denseGraph(true), profile) : []),
    elementCases,
    () => [loopsCase()],
    ...Object.entries(SHAPES).flatMap(([name, shapes]) =>
      shapes.map((shape) => () => families[name].cases({ ...request, shapes: [shape] })),
    ),
    () =>
      (Object.keys(optimizerRules) as (keyof typeof optimizerRules)[]).map((name) =>
        updateCase(1024, { ...DEFAULT_OPTIMIZER, name, momentum: 0.9, weightDecay: 0.01 }),
      ),
    () => [rowsCase(), advanceCase(), shapesCase()],
  ];
}

/** A dense layer: what follows on the sums is computed with them. */
function denseGraph(halved: boolean): Graph {
  const [x, w, bias] = [input("x", [36, 60]), input("w", [60, 40]), input("bias", [40])];
  const product = halved ? matmul(half(x), half(w)) : matmul(x, w);
  return collect({ y: gelu(add(product, bias)) });
}

/** Loops that share a launch: two that wait for each other in one workgroup, and sums beside them. */
function loopsCase(): BenchCase {
  const [small, large] = [input("small", [12, 8]), input("large", [300, 12])];
  const graph = collect({
    scaled: mul(small, max(small, { axes: [1], keepDims: true })),
    sums: sum(large, { axes: [0] }),
  });
  return graphCase({
    kernel: "loops",
    variant: "in one launch",
    shape: "12x8 + 300x12",
    outputs: graph.outputs,
    feeds: () => randomFeeds(graph),
  });
}

/** A graph with one product, in each way that the device may compute it, and once with its sums cut up. */
function productCases(kernel: string, graph: Graph, profile: DeviceProfile): BenchCase[] {
  const fresh = { ...profile, choices: [] };
  const [{ product }] = productsOf(graph, { profile: fresh });
  const name = productName(product);
  const choices = productVariants(product).map((variant) => defaultChoice(product, variant));
  if (product.sliceable && product.k >= 512) choices.push({ ...choices[0], slices: 2 });
  const feeds = () => randomFeeds(graph);
  return [...new Set(choices.map(printChoice))].map((choice) => {
    const made = graphCase({ kernel, variant: choice, shape: name, outputs: graph.outputs, feeds });
    const entries = { [name]: choice };
    return {
      ...made,
      prepare: (bench) =>
        made.prepare({ ...bench, device: withChoices(bench.device, [{ source: "candidate", entries }]) }),
    };
  });
}

/** Which examples the rows of a ragged last batch are. */
function rowsCase(): BenchCase {
  const [batchSize, examples, epoch] = [64, 100, 3];
  const dispatch = pickRows({ batchSize, shuffle: true });
  const outputs = Object.fromEntries(
    ["weight", "index"].map((name, k) => [name, { binding: dispatch.bindings[k], shape: [batchSize] }]),
  );
  const state = { seed: [7, 0], step: 0, epoch, batch: 1, batches: 2, examples } as const;
  return planCase({
    kernel: "rows",
    variant: "shuffled",
    shape: String(batchSize),
    state,
    buffers: () => ({ weight: 4 * batchSize, index: 4 * batchSize }),
    plan: () => ({ dispatches: [dispatch], slots: [], outputs }),
    expected: () => {
      const places = Array.from({ length: batchSize }, (_, row) => batchSize + row);
      return {
        weight: places.map((place) => Number(place < examples)),
        index: places.map((place) => (place < examples ? permute(place, examples, state.seed, epoch) : 0)),
      };
    },
  });
}

/** The end of a step: its row of the metrics ring, and the state of the next step, bit by bit. */
function advanceCase(): BenchCase {
  const [metricCount, schedules, batchSize] = [3, 2, 32];
  const metrics = Float32Array.of(1.5, -2.25, 1e-3, 0);
  const table = Float32Array.of(0.1, 0.9, 0.2, 0.8, 0.3, 0.7);
  const before = {
    seed: [7, 0],
    step: 1,
    epoch: 4,
    batch: 2,
    batches: 3,
    examples: 90,
    schedules: [0.2, 0.8],
  } as const;
  const after = { ...before, step: 2, epoch: 5, batch: 0, schedules: [0.3, 0.7] };
  const row = ringRow(metricCount);
  const ringBytes = 4 * RING_ROWS * row;
  return planCase({
    kernel: "advance",
    variant: "last batch",
    shape: "1",
    state: before,
    tolerance: 0,
    buffers: () => ({ metrics, schedules: table, ring: ringBytes }),
    plan: () => {
      const dispatch = advanceState({
        metrics: externalBinding("metrics", 16, "read"),
        metricCount,
        batchSize,
        schedules,
        tableRows: 3,
      });
      const ring = externalBinding("ring", ringBytes, "read");
      const state = stateBinding("read_write");
      return {
        dispatches: [dispatch],
        slots: [],
        outputs: {
          ring: { binding: ring, shape: [RING_ROWS * row] },
          state: { binding: state, shape: [STATE_BYTES / 4] },
        },
      };
    },
    expected: () => {
      const words = new Uint32Array(RING_ROWS * row);
      words.set([1, before.epoch, before.batch, before.examples - before.batch * batchSize], row);
      const ring = new Float32Array(words.buffer);
      ring.set(metrics.subarray(0, metricCount), row + 8);
      return { ring, state: new Float32Array(encodeState(after).buffer) };
    },
  });
}
