import type { DeviceProfile } from "../../gpu/profile.ts";
import { STATE_WORDS } from "../../kernels/state.ts";
import { NORM_PARTIAL_BYTES, RING_ROWS, ringRow, updateRanges } from "../../kernels/update.ts";
import { biasCorrections, DEFAULT_OPTIMIZER, type Optimizer, optimizerConstants } from "../../nn/optimizers.ts";
import { externalBinding, stateBinding } from "../../plan/binding.ts";
import type { Dispatch, Plan } from "../../plan/plan.ts";
import { type BenchCase, planCase } from "../case.ts";
import { randomFloats } from "../data.ts";
import type { Family } from "../family.ts";
import { parseExtents } from "../shapes.ts";

/** Arenas come in multiples of 256 bytes, 64 numbers. */
const wholeArena = (count: number) => Math.ceil(count / 64) * 64;

const dataOf = (count: number) => ({
  gradients: randomFloats(count, 1, -0.1, 0.1),
  parameters: randomFloats(count, 2),
  firstMoments: randomFloats(count, 3, -0.1, 0.1),
  secondMoments: randomFloats(count, 4, 0, 0.01),
});

function arenaFamily(summary: string, make: (count: number) => BenchCase): Family {
  return {
    summary,
    cases: ({ shapes = ["1048576"] }) => shapes.map((shape) => make(wholeArena(parseExtents(shape, ["N"])[0]))),
  };
}

/** The three dispatches that end a training step. */
function endOfStep(
  count: number,
  profile: DeviceProfile,
  optimizer = DEFAULT_OPTIMIZER,
): { norm: Dispatch; check: Dispatch; update: Dispatch } {
  const end = {
    metrics: externalBinding("metrics", 256, "read"),
    metricCount: 1,
    batchSize: 1,
    schedules: 4,
    tableRows: 1,
  };
  const [norm, check, update] = updateRanges({
    arenaBytes: 4 * count,
    trained: [{ from: 0, to: 4 * count }],
    statistics: [],
    loss: 0,
    rates: 0,
    end,
    last: true,
    optimizer: { rule: optimizer.name, constants: optimizerConstants(optimizer), clipNorm: 0 },
    profile,
  });
  return { norm, check, update };
}

export const gradientNorm = arenaFamily("the global norm of N gradients, and whether it is finite", (count) =>
  planCase({
    kernel: "gradient-norm",
    variant: "and check",
    shape: String(count),
    buffers: () => ({
      gradients: dataOf(count).gradients,
      normPartials: NORM_PARTIAL_BYTES,
      metrics: 256,
      schedules: 16,
      ring: 4 * RING_ROWS * ringRow(1),
    }),
    plan: ({ profile }): Plan => {
      const { norm, check } = endOfStep(count, profile);
      const binding = { ...stateBinding("read_write"), offset: 4 * STATE_WORDS.gradient_norm };
      return { dispatches: [norm, check], slots: [], outputs: { norm: { binding, shape: [1] } } };
    },
    expected: () => ({ norm: [Math.sqrt(dataOf(count).gradients.reduce((squares, g) => squares + g * g, 0))] }),
  }),
);

export const adam = arenaFamily("Adam's update of N parameters", (count) => updateCase(count, DEFAULT_OPTIMIZER));

/** One update of `count` parameters, a whole arena. */
export function updateCase(count: number, optimizer: Optimizer): BenchCase {
  const corrections = biasCorrections(optimizer).map((schedule) => schedule(9));
  return planCase({
    kernel: optimizer.name,
    variant: "one launch",
    shape: String(count),
    state: { rates: [optimizer.learningRate, ...corrections] },
    buffers: () => dataOf(count),
    plan: ({ profile }): Plan => {
      const { update } = endOfStep(count, profile, optimizer);
      const [, ...written] = update.bindings.slice(0, 4);
      const names = ["parameters", "firstMoments", "secondMoments"];
      const outputs = Object.fromEntries(names.map((name, k) => [name, { binding: written[k], shape: [count] }]));
      return { dispatches: [update], slots: [], outputs };
    },
    expected: () => updated(dataOf(count), optimizer, corrections),
  });
}

/** The formulas of shaders/optimizer/update.wgsl in float64. */
function updated(arenas: ReturnType<typeof dataOf>, optimizer: Optimizer, corrections: readonly number[]) {
  const { name, learningRate, beta1, beta2, epsilon, momentum, decay, weightDecay } = optimizer;
  const parameters = Float64Array.from(arenas.parameters);
  const firstMoments = Float64Array.from(arenas.firstMoments);
  const secondMoments = Float64Array.from(arenas.secondMoments);
  for (const [k, p] of parameters.entries()) {
    const g = arenas.gradients[k] + (name === "adamw" ? 0 : weightDecay * p);
    const [m, v] = [firstMoments[k], secondMoments[k]];
    let step: number;
    if (name === "sgd") step = firstMoments[k] = momentum * m + g;
    else if (name === "rmsprop") {
      secondMoments[k] = decay * v + (1 - decay) * g ** 2;
      step = g / (Math.sqrt(secondMoments[k]) + epsilon);
    } else {
      firstMoments[k] = beta1 * m + (1 - beta1) * g;
      secondMoments[k] = beta2 * v + (1 - beta2) * g ** 2;
      step = (corrections[0] * firstMoments[k]) / (Math.sqrt(corrections[1] * secondMoments[k]) + epsilon);
      if (name === "adamw") step += weightDecay * p;
    }
    parameters[k] = p - learningRate * step;
  }
  return { parameters, firstMoments, secondMoments };
}
