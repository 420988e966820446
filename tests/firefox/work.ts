import type { Device } from "../../src/gpu/device.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect, type Graph } from "../../src/graph/graph.ts";
import { digits, fit, vae } from "../../src/index.ts";
import * as ops from "../../src/ops/public.ts";
import { execute } from "../../src/runtime/execute.ts";

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

/** The losses of two epochs of a small variational autoencoder, training and test. */
export async function trainSmall(device: Device): Promise<number[]> {
  const data = digits({ trainCount: 256, testCount: 64 });
  const model = vae({ data, hidden: [64], latent: 4 });
  const run = fit(device, model, data, { epochs: 2, batchSize: 32, learningRate: 1e-3, seed: 7 });
  await run.finished;
  const losses = run.history.flatMap(({ train, test }) => [train.loss, test.loss]);
  await run.dispose();
  return losses;
}
