import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { compile, type Precision } from "../../src/compiler/compile.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { download, storageBuffer, upload } from "../../src/gpu/buffers.ts";
import { record } from "../../src/gpu/commands.ts";
import type { Device } from "../../src/gpu/device.ts";
import { fromJson, type Graph, toJson } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { encodeState, STATE_BYTES } from "../../src/kernels/state.ts";
import { NORM_PARTIAL_BYTES, RING_ROWS, ringRow, updateRanges } from "../../src/kernels/update.ts";
import { vae } from "../../src/models/index.ts";
import { biasCorrections, DEFAULT_OPTIMIZER, type Optimizer, optimizerConstants } from "../../src/nn/optimizers.ts";
import { scheduleTable } from "../../src/nn/schedules.ts";
import { arenaLayout, packArena, unpackArena } from "../../src/runtime/arena.ts";
import { createProgram } from "../../src/runtime/program.ts";
import { fieldBuffer, WEIGHT } from "../../src/train/batch.ts";
import { GRADIENT, leafPlaces, stageGraphs } from "../../src/train/objective.ts";
import { rangesOf } from "../../src/train/step-plan.ts";
import { quickDrivers } from "../support/dawn.ts";
import { relativeError, sharedDevice } from "../support/training.ts";

// Ten Adam steps of PyTorch in float64 on given weights, batches and noise; make_vae.py tells what the file holds.
const { tensors, metadata } = decodeSafetensors(
  readFileSync(new URL("vae.safetensors", import.meta.url)),
  "vae.safetensors",
);
const losses = JSON.parse(metadata.losses) as { loss: number[]; reconstruction: number[]; kl: number[] };
const config = JSON.parse(metadata.config) as {
  input: number;
  hidden: number[];
  latent: number;
  batchSize: number;
  steps: number;
  lr: number;
  betas: [number, number];
  eps: number;
};
const { batchSize, steps } = config;
const X = fieldBuffer("x");
/** Learning rate and bias corrections, and the weight of the KL term. */
const SCHEDULES = ["", "", "", "klWeight"];
const TERMS = ["loss", "reconstruction", "kl"] as const;
const model = vae({ input: [config.input], hidden: config.hidden, latent: config.latent, likelihood: "bernoulli" });
const optimizer: Optimizer = {
  ...DEFAULT_OPTIMIZER,
  name: "adam",
  learningRate: config.lr,
  beta1: config.betas[0],
  beta2: config.betas[1],
  epsilon: config.eps,
};

const golden = (name: string) => tensors[name].data as Float32Array;
const initial = Object.fromEntries(model.parameters.map(({ name }) => [name, golden(`initial.${name}`)]));
const ofStep = (name: "x" | "epsilon", step: number) => {
  const all = golden(name);
  return all.subarray((step * all.length) / steps, ((step + 1) * all.length) / steps);
};

/** Loss terms and gradients of a batch, with the noise as one more input. */
function stepGraph(): Graph {
  const [step] = stageGraphs(model, model.stages[0], batchSize, true);
  expect(step.metrics.map(({ name }) => name)).toEqual(TERMS);
  const graph = toJson(step.graph);
  const nodes = graph.nodes.map((node) => (node.name === "epsilon" ? { ...node, op: "input" } : node));
  expect(nodes.filter(({ name }) => name === "epsilon").length).toBe(1);
  return fromJson({ ...graph, nodes });
}

/** What a float64 or f32 run gave, in the form of the fixture. */
interface Curve {
  readonly loss: number[];
  readonly reconstruction: number[];
  readonly kl: number[];
  readonly gradients: Readonly<Record<string, ArrayLike<number>>>;
  readonly final: Readonly<Record<string, ArrayLike<number>>>;
}

function expectGolden(curve: Curve, tolerance: number) {
  for (const term of TERMS) {
    for (let step = 0; step < steps; step++) {
      const error = Math.abs(curve[term][step] / losses[term][step] - 1);
      expect(error, `${term} at step ${step + 1}`).toBeLessThan(tolerance);
    }
  }
  for (const { name } of model.parameters) {
    expect(relativeError(curve.gradients[name], golden(`gradient.${name}`)), `gradient of ${name}`).toBeLessThan(
      tolerance,
    );
    expect(relativeError(curve.final[name], golden(`final.${name}`)), `${name} after ${steps} steps`).toBeLessThan(
      tolerance,
    );
  }
}

test("the float64 interpreter follows PyTorch to 1e-6, gradient by gradient", () => {
  const graph = stepGraph();
  const weights = Object.fromEntries(
    Object.entries(initial).map(([name, values]) => [name, Float64Array.from(values)]),
  );
  const moments = Object.fromEntries(
    Object.entries(weights).map(([name, { length }]) => [
      name,
      { m: new Float64Array(length), v: new Float64Array(length) },
    ]),
  );
  const curve = { loss: [] as number[], reconstruction: [] as number[], kl: [] as number[] };
  let first: Record<string, Float64Array> = {};
  for (let step = 0; step < steps; step++) {
    const feeds = {
      ...weights,
      [X]: ofStep("x", step),
      epsilon: ofStep("epsilon", step),
      [WEIGHT]: Array(batchSize).fill(1),
      klWeight: [1],
    };
    const { metrics, ...outputs } = interpret(graph, { feeds });
    const slopes = Object.fromEntries(model.parameters.map(({ name }) => [name, outputs[GRADIENT + name]]));
    for (const [k, term] of TERMS.entries()) curve[term].push(metrics[k]);
    if (step === 0) first = slopes;
    const [b1, b2] = config.betas;
    for (const [name, values] of Object.entries(weights)) {
      const { m, v } = moments[name];
      slopes[name].forEach((g, k) => {
        m[k] = b1 * m[k] + (1 - b1) * g;
        v[k] = b2 * v[k] + (1 - b2) * g * g;
        const corrected = Math.sqrt(v[k] / (1 - b2 ** (step + 1))) + config.eps;
        values[k] -= (config.lr * m[k]) / (1 - b1 ** (step + 1)) / corrected;
      });
    }
  }
  expectGolden({ ...curve, gradients: first, final: weights }, 1e-6);
});

for (const driver of quickDrivers) {
  test(`ten steps on the GPU follow PyTorch to 1e-4, gradient by gradient (${driver ?? "default"} adapter)`, async () => {
    expectGolden(await trainOnGpu(await sharedDevice(driver)), 1e-4);
  });
}

for (const driver of quickDrivers) {
  test(`with operands in 16 bits, ten steps follow PyTorch as far as 11 bits go (${driver ?? "default"} adapter)`, async () => {
    const device = await sharedDevice(driver);
    test.skip(!device.profile.f16, "the adapter has no shader-f16");
    expectGolden(await trainOnGpu(device, "f16"), 3e-3);
  });
}

/** The training step as the trainer has it, but for the batch and the noise, which come from the fixture. */
async function trainOnGpu(device: Device, precision?: Precision): Promise<Curve> {
  const { profile } = device;
  const layout = arenaLayout(model.parameters);
  const compiled = compile(stepGraph(), {
    profile,
    precision,
    schedules: SCHEDULES,
    leaves: leafPlaces(layout),
    outputs: (name) => {
      const offset = layout.offsets.get(name.slice(GRADIENT.length));
      return offset === undefined ? undefined : { buffer: { external: "gradients" }, offset };
    },
  });
  const { binding } = compiled.outputs.metrics;
  const table = scheduleTable([() => config.lr, ...biasCorrections(optimizer), () => 1], steps);
  const end = {
    metrics: binding,
    metricCount: 3,
    batchSize,
    schedules: SCHEDULES.length,
    tableRows: table.length / 4,
  };
  const plan = {
    ...compiled,
    dispatches: [
      ...compiled.dispatches,
      ...updateRanges({
        arenaBytes: layout.bytes,
        trained: rangesOf(
          layout,
          model.parameters.map(({ name }) => name),
        ),
        statistics: [],
        loss: 0,
        rates: 0,
        end,
        last: true,
        optimizer: { rule: "adam", constants: optimizerConstants(optimizer), clipNorm: 0 },
        profile,
      }),
    ],
  };
  const buffers = {
    parameters: storageBuffer(device, layout.bytes, "parameters"),
    gradients: storageBuffer(device, layout.bytes, "gradients"),
    firstMoments: storageBuffer(device, layout.bytes, "first moments"),
    secondMoments: storageBuffer(device, layout.bytes, "second moments"),
    [X]: storageBuffer(device, 4 * batchSize * config.input, "x"),
    epsilon: storageBuffer(device, 4 * batchSize * config.latent, "epsilon"),
    weight: storageBuffer(device, 4 * batchSize, "weight"),
    normPartials: storageBuffer(device, NORM_PARTIAL_BYTES, "norm"),
    schedules: storageBuffer(device, table.byteLength, "schedules"),
    ring: storageBuffer(device, 4 * RING_ROWS * ringRow(3), "ring"),
    state: storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM),
  };
  upload(
    device,
    buffers.parameters,
    packArena(layout, ({ name }) => initial[name]),
  );
  upload(device, buffers.weight, new Float32Array(batchSize).fill(1));
  upload(device, buffers.schedules, table);
  const examples = steps * batchSize;
  upload(
    device,
    buffers.state,
    encodeState({ seed: [0, 0], step: 0, batches: steps, examples, schedules: [...table.subarray(0, 4)] }),
  );
  const program = await createProgram(device, plan, { buffers });
  const arena = async (buffer: GPUBuffer) => {
    const values = new Float32Array(await download(device, buffer, 0, layout.bytes));
    return Object.fromEntries(
      model.parameters.map((parameter) => [parameter.name, unpackArena(layout, values, parameter)]),
    );
  };

  const curve = { loss: [] as number[], reconstruction: [] as number[], kl: [] as number[] };
  let first: Record<string, Float32Array> = {};
  for (let step = 0; step < steps; step++) {
    upload(device, buffers[X], ofStep("x", step));
    upload(device, buffers.epsilon, ofStep("epsilon", step));
    const encoder = device.gpu.createCommandEncoder();
    record(encoder, program.encode);
    device.gpu.queue.submit([encoder.finish()]);
    const metrics = await program.read("metrics");
    for (const [k, term] of TERMS.entries()) curve[term].push(metrics[k]);
    if (step === 0) first = await arena(buffers.gradients);
  }
  const final = await arena(buffers.parameters);
  program.dispose();
  for (const buffer of Object.values(buffers)) buffer.destroy();
  device.check();
  return { ...curve, gradients: first, final };
}
