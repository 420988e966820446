import { expect, test } from "@playwright/test";
import { download, storageBuffer, upload } from "../../src/gpu/buffers.ts";
import { record } from "../../src/gpu/commands.ts";
import type { DeviceProfile } from "../../src/gpu/profile.ts";
import { encodeState, STATE_BYTES, STATE_WORDS } from "../../src/kernels/state.ts";
import { NORM_PARTIAL_BYTES, RING_ROWS, ringRow, updateRanges } from "../../src/kernels/update.ts";
import {
  biasCorrections,
  DEFAULT_OPTIMIZER,
  type Optimizer,
  type OptimizerOptions,
  optimizerConstants,
} from "../../src/nn/optimizers.ts";
import { externalBinding } from "../../src/plan/binding.ts";
import { createProgram } from "../../src/runtime/program.ts";
import { drivers } from "../support/dawn.ts";
import { relativeError, sharedDevice } from "../support/training.ts";

interface Iterates {
  /** Parameters after each step. */
  readonly parameters: Float64Array[] | Float32Array[];
  readonly norms: number[];
}

/** The gradient at given parameters and step. */
type Slope = (parameters: ArrayLike<number>, step: number) => number[];

/** An optimizer with the usual constants but for these. */
const withDefaults = (options: OptimizerOptions): Optimizer => ({ ...DEFAULT_OPTIMIZER, ...options });

/** The kernels of an arena whose first bytes are moved, and whose others are running statistics. */
const updatesOf = (optimizer: Optimizer, arenaBytes: number, trainedBytes: number, profile: DeviceProfile) =>
  updateRanges({
    arenaBytes,
    trained: [{ from: 0, to: trainedBytes }],
    statistics: trainedBytes < arenaBytes ? [{ from: trainedBytes, to: arenaBytes }] : [],
    loss: 0,
    rates: 0,
    end: {
      metrics: externalBinding("metrics", 16, "read"),
      metricCount: 1,
      batchSize: 1,
      schedules: 4,
      tableRows: 1,
    },
    last: false,
    optimizer: {
      rule: optimizer.name,
      constants: optimizerConstants(optimizer),
      clipNorm: optimizer.clipNorm ?? 0,
    },
    profile,
  });

/** Runs those kernels alone: the gradient comes from the test. */
async function onGpu(
  options: OptimizerOptions,
  start: readonly number[],
  slope: Slope,
  steps: number,
  rate: (step: number) => number = () => withDefaults(options).learningRate,
  trainedBytes = Math.ceil(start.length / 64) * 256,
): Promise<Iterates> {
  const device = await sharedDevice();
  const bytes = Math.ceil(start.length / 64) * 256;
  const buffers = {
    parameters: storageBuffer(device, bytes, "parameters"),
    gradients: storageBuffer(device, bytes, "gradients"),
    firstMoments: storageBuffer(device, bytes, "first moments"),
    secondMoments: storageBuffer(device, bytes, "second moments"),
    normPartials: storageBuffer(device, NORM_PARTIAL_BYTES, "norm"),
    metrics: storageBuffer(device, 16, "metrics"),
    schedules: storageBuffer(device, 16, "schedules"),
    ring: storageBuffer(device, 4 * RING_ROWS * ringRow(1), "ring"),
    state: storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM),
  };
  const optimizer = withDefaults(options);
  const dispatches = updatesOf(optimizer, bytes, trainedBytes, device.profile);
  const program = await createProgram(device, { dispatches, slots: [], outputs: {} }, { buffers });
  upload(device, buffers.parameters, Float32Array.from(start));
  const corrections = biasCorrections(optimizer);
  const parameters: Float32Array[] = [];
  const norms: number[] = [];
  let current: ArrayLike<number> = Float32Array.from(start);
  for (let step = 0; step < steps; step++) {
    upload(device, buffers.gradients, Float32Array.from(slope(current, step)));
    const schedules = [rate(step), ...corrections.map((correction) => correction(step))];
    upload(device, buffers.state, encodeState({ seed: [0, 0], step, schedules }));
    const encoder = device.gpu.createCommandEncoder();
    record(encoder, program.encode);
    device.gpu.queue.submit([encoder.finish()]);
    current = new Float32Array(await download(device, buffers.parameters, 0, 4 * start.length));
    parameters.push(current as Float32Array);
    norms.push(new Float32Array(await download(device, buffers.state, 0, STATE_BYTES))[STATE_WORDS.gradient_norm]);
  }
  program.dispose();
  for (const buffer of Object.values(buffers)) buffer.destroy();
  device.check();
  return { parameters, norms };
}

/** torch.optim's update rules and torch.nn.utils.clip_grad_norm_, element by element in float64. */
function reference(
  options: OptimizerOptions,
  start: readonly number[],
  slope: Slope,
  steps: number,
  rate: (step: number) => number = () => withDefaults(options).learningRate,
): Iterates {
  const { name, beta1, beta2, epsilon, momentum, decay, weightDecay, clipNorm } = withDefaults(options);
  const p = Float64Array.from(start);
  const first = new Float64Array(p.length);
  const second = new Float64Array(p.length);
  const parameters: Float64Array[] = [];
  const norms: number[] = [];
  for (let step = 0; step < steps; step++) {
    const gradient = slope(p, step);
    const norm = Math.hypot(...gradient);
    norms.push(norm);
    const scale = clipNorm ? Math.min(1, clipNorm / (norm + 1e-6)) : 1;
    const lr = rate(step);
    for (let k = 0; k < p.length; k++) {
      let g = gradient[k] * scale;
      if (name === "adamw") p[k] -= lr * weightDecay * p[k];
      else g += weightDecay * p[k];
      switch (name) {
        case "sgd":
          first[k] = step === 0 ? g : momentum * first[k] + g;
          p[k] -= lr * first[k];
          break;
        case "rmsprop":
          second[k] = decay * second[k] + (1 - decay) * g * g;
          p[k] -= (lr * g) / (Math.sqrt(second[k]) + epsilon);
          break;
        default:
          first[k] = beta1 * first[k] + (1 - beta1) * g;
          second[k] = beta2 * second[k] + (1 - beta2) * g * g;
          p[k] -=
            ((lr / (1 - beta1 ** (step + 1))) * first[k]) /
            (Math.sqrt(second[k] / (1 - beta2 ** (step + 1))) + epsilon);
      }
    }
    parameters.push(p.slice());
  }
  return { parameters, norms };
}

// 137 numbers: not a multiple of 4, and more than one workgroup's vec4f. Curvatures from 0.05 to 7.
const start = Array.from({ length: 137 }, (_, k) => Math.fround(Math.cos(3 * k) * (1 + k / 50)));
const bowl: Slope = (parameters, step) =>
  start.map((_, k) => (0.05 + (k % 8)) * parameters[k] + 0.3 * Math.sin(k + 2 * step));

const cases: Record<string, OptimizerOptions> = {
  "plain SGD": { name: "sgd", learningRate: 0.05 },
  "SGD with momentum": { name: "sgd", learningRate: 0.02, momentum: 0.9 },
  "SGD with momentum, weight decay and clipping": {
    name: "sgd",
    learningRate: 0.02,
    momentum: 0.8,
    weightDecay: 0.1,
    clipNorm: 5,
  },
  Adam: { name: "adam", learningRate: 0.03 },
  "Adam with weight decay in the gradient": { name: "adam", learningRate: 0.03, weightDecay: 0.2 },
  "Adam with other constants": { name: "adam", learningRate: 0.03, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 },
  "AdamW, whose decay is apart from the gradient": { name: "adamw", learningRate: 0.03, weightDecay: 0.2 },
  RMSprop: { name: "rmsprop", learningRate: 0.01 },
  "RMSprop with another decay": { name: "rmsprop", learningRate: 0.01, decay: 0.7, weightDecay: 0.05 },
  "clipping below the norm of some steps": { name: "adam", learningRate: 0.1, clipNorm: 70 },
};

for (const [what, options] of Object.entries(cases)) {
  test(`${what}: twelve steps equal PyTorch's rule in float64`, async () => {
    const gpu = await onGpu(options, start, bowl, 12);
    const exact = reference(options, start, bowl, 12);
    gpu.parameters.forEach((values, step) => {
      expect(relativeError(values, exact.parameters[step]), `step ${step + 1}`).toBeLessThan(2e-6);
    });
    expect(relativeError(gpu.norms, exact.norms)).toBeLessThan(2e-6);
  });
}

test("the clipped cases clip some steps and the rest of them not", () => {
  const { norms } = reference(cases["clipping below the norm of some steps"], start, bowl, 12);
  expect(norms.some((norm) => norm > 70)).toBe(true);
  expect(norms.some((norm) => norm < 70)).toBe(true);
});

test("the learning rate of every step is the schedule's", async () => {
  const rate = (step: number) => 0.1 / (1 + step);
  const options: OptimizerOptions = { name: "sgd", learningRate: 1 };
  const gpu = await onGpu(options, start, bowl, 5, rate);
  const exact = reference(options, start, bowl, 5, rate);
  expect(relativeError(gpu.parameters[4], exact.parameters[4])).toBeLessThan(2e-6);
});

test("ten Adam iterates on a parabola are the oracle's", async () => {
  const x = [
    0.9000000003333333, 0.8004122283516111, 0.7015862724265687, 0.6039390598709589, 0.5079636583767158,
    0.41423645492321104, 0.3234207036925126, 0.23626372311087596, 0.15358455851616298, 0.07624915393596472,
  ];
  const slope: Slope = (parameters) => [3 * parameters[0]]; // of 3x²/2
  const options: OptimizerOptions = { name: "adam", learningRate: 0.1 };
  expect(
    relativeError(
      reference(options, [1], slope, 10).parameters.map(([value]) => value),
      x,
    ),
  ).toBeLessThan(1e-14);
  const { parameters } = await onGpu(options, [1], slope, 10);
  expect(
    relativeError(
      parameters.map(([value]) => value),
      x,
    ),
  ).toBeLessThan(1e-6);
});

test("a gradient that is not finite changes nothing, whichever element it is in", async () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const place of [0, 66, 136]) {
      const slope: Slope = () => start.map((_, k) => (k === place ? bad : 1));
      const { parameters } = await onGpu({ name: "adam", learningRate: 0.1 }, start, slope, 1);
      expect([...parameters[0]]).toEqual(start);
    }
  }
});

test("running statistics, behind what is trained, become what lies in their places: no rule, no norm, no clipping", async () => {
  const options: OptimizerOptions = { name: "adamw", learningRate: 0.1, weightDecay: 0.1, clipNorm: 2 };
  const slope: Slope = (parameters, step) =>
    start.map((_, k) => (k < 64 ? 3 * parameters[k] + Math.sin(k) : 1e6 * Math.cos(k + step)));
  const gpu = await onGpu(options, start, slope, 3, undefined, 256);
  const exact = reference(options, start.slice(0, 64), (parameters, step) => slope(parameters, step).slice(0, 64), 3);
  gpu.parameters.forEach((values, step) => {
    expect(relativeError(values.slice(0, 64), exact.parameters[step])).toBeLessThan(2e-6);
    expect(values.slice(64)).toEqual(Float32Array.from(slope(start, step)).slice(64));
  });
  expect(relativeError(gpu.norms, exact.norms)).toBeLessThan(2e-6);

  for (const [place, value] of [
    [5, Number.NaN],
    [64, Number.NaN],
    [130, -Infinity],
  ]) {
    const bad: Slope = (parameters, step) => slope(parameters, step).map((other, k) => (k === place ? value : other));
    const poisoned = await onGpu(options, start, bad, 1, undefined, 256);
    expect([...poisoned.parameters[0]]).toEqual(start);
  }
});

for (const driver of drivers) {
  test(`an arena of many workgroups is updated to its last number (${driver ?? "default"} adapter)`, async () => {
    const device = await sharedDevice(driver);
    const count = 300_000;
    const bytes = Math.ceil((4 * count) / 256) * 256;
    const filled = (value: number, label: string) => {
      const buffer = storageBuffer(device, bytes, label);
      upload(device, buffer, new Float32Array(count).fill(value));
      return buffer;
    };
    const buffers = {
      parameters: filled(1, "parameters"),
      gradients: filled(0.5, "gradients"),
      firstMoments: filled(0, "first"),
      secondMoments: filled(0, "second"),
      normPartials: storageBuffer(device, NORM_PARTIAL_BYTES, "norm"),
      metrics: storageBuffer(device, 16, "metrics"),
      schedules: storageBuffer(device, 16, "schedules"),
      ring: storageBuffer(device, 4 * RING_ROWS * ringRow(1), "ring"),
      state: storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM),
    };
    upload(device, buffers.state, encodeState({ seed: [0, 0], step: 0, schedules: [0.25] }));
    const optimizer = withDefaults({ name: "sgd", learningRate: 0.25 });
    const dispatches = updatesOf(optimizer, bytes, bytes, device.profile);
    const plan = { dispatches, slots: [], outputs: {} };
    const program = await createProgram(device, plan, { buffers });
    const encoder = device.gpu.createCommandEncoder();
    record(encoder, program.encode);
    device.gpu.queue.submit([encoder.finish()]);
    const values = new Float32Array(await download(device, buffers.parameters, 0, 4 * count));
    expect(values.every((value) => value === 0.875)).toBe(true);
    const norm = new Float32Array(await download(device, buffers.state, 0, STATE_BYTES))[STATE_WORDS.gradient_norm];
    expect(Math.abs(norm / (0.5 * Math.sqrt(count)) - 1)).toBeLessThan(1e-5);
    for (const buffer of Object.values(buffers)) buffer.destroy();
  });
}
