import type { Device } from "../../src/gpu/device.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect, type Graph } from "../../src/graph/graph.ts";
import { digits, fit, type Run, vae } from "../../src/index.ts";
import * as ops from "../../src/ops/public.ts";
import { execute } from "../../src/runtime/execute.ts";
import { selfTest } from "../../src/selftest/index.ts";
import { createTrainer } from "../../src/worker/index.ts";

// What a page in Firefox computes, and this process for comparison.

/** A handful of kernels: products, a convolution and its gradients, reductions, noise, losses, pooling, rows by index. */
export function kernels(): Readonly<Record<string, Graph>> {
  const x = ops.input("x", [32, 48]);
  const w = ops.input("w", [48, 32]);
  const images = ops.input("images", [4, 8, 8, 4]);
  const filter = ops.input("filter", [3, 3, 4, 8]);
  const convolved = ops.conv2d(images, filter, { padding: "same" });
  const [dImages, dFilter] = gradients(ops.sum(ops.square(convolved)), [images, filter]);
  const product = ops.matmul(x, w);
  return {
    matmul: collect({
      NN: product,
      TN: ops.matmul(x, x, { transposeA: true }),
      NT: ops.matmul(x, x, { transposeB: true }),
    }),
    "convolution and its gradients": collect({ convolved, dImages, dFilter }),
    "reductions and a loss": collect({
      softmax: ops.softmax(product),
      most: ops.max(x, { axes: [0] }),
      loss: ops.sum(ops.bceWithLogits(product, ops.sigmoid(product)), { axes: [1] }),
    }),
    activations: collect({ gelu: ops.gelu(x), tanh: ops.tanh(x), softplus: ops.softplus(x), exp: ops.exp(x) }),
    noise: collect({ normal: ops.normal("epsilon", [32, 48]), uniform: ops.uniform("u", [32, 48]) }),
    pooling: collect({ pooled: ops.maxPool2d(images, { kernel: 2 }) }),
  };
}

/** Numbers of -1 to 1 for every input, the same everywhere. */
export function feedsOf(graph: Graph): Record<string, Float32Array> {
  const inputs = graph.nodes.filter(({ op }) => op.name === "input");
  return Object.fromEntries(
    inputs.map(({ name, shape }) => {
      const count = shape.reduce((product, extent) => product * extent, 1);
      return [
        name!,
        Float32Array.from({ length: count }, (_, k) => Math.fround(Math.sin(12.9898 * (k + 1) + name!.length))),
      ];
    }),
  );
}

export async function computeKernels(device: Device): Promise<Record<string, Record<string, number[]>>> {
  const results: Record<string, Record<string, number[]>> = {};
  for (const [kernel, graph] of Object.entries(kernels())) {
    const outputs = await execute(device, graph, { feeds: feedsOf(graph), seed: [3, 0] });
    results[kernel] = Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, [...values]]));
  }
  return results;
}

const counts = { trainCount: 256, testCount: 64 };
const widths = { hidden: [], latent: 4 };
const options = { epochs: 2, batchSize: 32, learningRate: 1e-3, seed: 7 };

/** The losses of two epochs of a small variational autoencoder, training and test. */
export async function trainSmall(device: Device): Promise<number[]> {
  const data = digits(counts);
  const run = fit(device, vae({ data, ...widths }), data, options);
  await run.finished;
  const losses = lossesOf(run);
  await run.dispose();
  return losses;
}

const lossesOf = ({ history }: Pick<Run, "history">): number[] =>
  history.flatMap(({ train, test }) => [train.loss, test.loss]);

/** What a page does with a worker's run. */
export interface InWorker {
  readonly losses: readonly number[];
  /** What of it was other than it should be. */
  readonly wrong: readonly string[];
}

/** The same run in a worker, as a page drives it: paused, asked, changed in nothing, saved and gone on with. */
export async function trainInWorker(): Promise<InWorker> {
  const trainer = await createTrainer();
  const wrong: string[] = [];
  const expect = (what: string, holds: boolean) => {
    if (!holds) wrong.push(what);
  };
  const same = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    a.length === b.length && [...Array.from(a)].every((x, k) => x === b[k]);
  const data = { name: "digits", ...counts } as const;
  const model = { family: "vae", ...widths };
  const steps: number[] = [];
  const run = trainer.fit(model, data, { ...options, onStep: (step) => steps.push(step) });
  const at = await run.pause();
  expect("standing still while it is paused", (await run.pause()) === at);
  await run.setSubmitMilliseconds(6);
  const saved = await run.checkpoint();
  run.resume();
  expect("its end", (await run.finished) === "ok");
  expect(
    "its steps",
    same(
      steps,
      Array.from({ length: 16 }, (_, k) => k + 1),
    ),
  );
  const x = digits(counts).test.values.x as Uint8Array;
  const codes = await run.encode(x.subarray(0, 784 * 9));
  expect("nine codes", codes.length === 36 && codes.every(Number.isFinite));
  expect(
    "nine pictures of codes",
    (await run.decode(codes)).every((value) => value >= 0 && value <= 1),
  );
  expect("five samples", (await run.sample(5)).length === 5 * 784);
  const again = trainer.fit(model, data, { ...options, resume: saved });
  await again.finished;
  expect("the bytes of a run that went on from a checkpoint", same(await again.checkpoint(), await run.checkpoint()));
  const losses = lossesOf(run);
  trainer.dispose();
  return { losses, wrong };
}

/** The kernels that the self-test finds wrong here, and how many it ran. */
export async function testKernels(device: Device): Promise<{ readonly rows: number; readonly wrong: string[] }> {
  const { rows } = await selfTest(device);
  const wrong = rows
    .filter(({ ok }) => !ok)
    .map(({ kernel, variant, shape, reason }) => `${kernel} ${variant} ${shape}: ${reason}`);
  return { rows: rows.length, wrong };
}
