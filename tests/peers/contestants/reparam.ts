import { IMAGES as FIELDS } from "../../../src/bench/preset-trainer.ts";
import { compile } from "../../../src/compiler/compile.ts";
import { buildModel, presetConfig } from "../../../src/config/config.ts";
import { storageBuffer, upload } from "../../../src/gpu/buffers.ts";
import { record } from "../../../src/gpu/commands.ts";
import { type Device, type DeviceOptions, requestDevice } from "../../../src/gpu/device.ts";
import { createPipelineCache } from "../../../src/gpu/pipelines.ts";
import { gradients } from "../../../src/graph/differentiate.ts";
import { collect } from "../../../src/graph/graph.ts";
import type { Node } from "../../../src/node/node.ts";
import { conv2d, convTranspose2d, input, matmul, mul, sum } from "../../../src/ops/public.ts";
import { arenaLayout, packArena, unpackArena } from "../../../src/runtime/arena.ts";
import { createProgram } from "../../../src/runtime/program.ts";
import { createTrainer } from "../../../src/train/trainer.ts";
import { IMAGES, strokeImages } from "../problems/images.ts";
import {
  BATCH_SIZE,
  checkedSum,
  initialWeights,
  type KernelProblem,
  LEARNING_RATE,
  operandsOf,
  type TrainingProblem,
} from "../problems/problem.ts";
import { assertAllMoved, type Contestant, type Run } from "./contestant.ts";

/** The presets of the same names, through reparam's own trainer: batches by a permutation of each epoch, fused Adam. */
async function training(device: Device, name: string, problem: TrainingProblem): Promise<Run> {
  const config = presetConfig(problem.model);
  const model = buildModel(config.model, { fields: FIELDS, count: IMAGES });
  const layout = arenaLayout(model.parameters);
  const split = { count: IMAGES, values: { x: strokeImages(), label: new Uint8Array(IMAGES) } };
  const trainer = await createTrainer(device, model, {
    ...config.training,
    dataset: { name: "strokes", fields: FIELDS, train: split, test: split },
    batchSize: BATCH_SIZE,
    optimizer: { ...config.training.optimizer, learningRate: LEARNING_RATE },
    seed: 3,
  });
  const { metrics } = await trainer.enter(0, 0, 1_000_000);
  const { at } = metrics.find(({ name }) => name === "loss")!;
  let before = initialWeights(problem);
  const parameters = packArena(layout, (parameter) => before[parameter.name]);
  trainer.restore({ ...(await trainer.snapshot()), parameters }); // a fresh trainer but for its weights
  return async (steps) => {
    let loss = Number.NaN;
    await trainer.train(steps, ({ metrics }) => {
      loss = metrics[at];
    });
    const { parameters: arena } = await trainer.snapshot();
    const after = Object.fromEntries(model.parameters.map((p) => [p.name, unpackArena(layout, arena, p)]));
    assertAllMoved(name, before, after);
    before = after;
    return loss;
  };
}

const same = { stride: 2, padding: "same" } as const;
const ops: Record<KernelProblem["op"], (a: Node, b: Node) => Node> = {
  matmul,
  conv2d: (x, w) => conv2d(x, w, same),
  conv2dInputGradient: (dy, w) => convTranspose2d(dy, w, same),
  conv2dFilterGradient: (x, dy) => {
    const w = input("w", [3, 3, x.shape[3], dy.shape[3]]); // no gradient of a linear function depends on its value
    return gradients(sum(mul(conv2d(x, w, same), dy)), [w])[0];
  },
};

const LAUNCHES_IN_FLIGHT = 8;

async function kernel(device: Device, problem: KernelProblem): Promise<Run> {
  const operands = operandsOf(problem);
  const buffers = Object.fromEntries(
    operands.map((data, k) => {
      const buffer = storageBuffer(device, data.byteLength, "operand");
      upload(device, buffer, data);
      return [`operand ${k}`, buffer];
    }),
  );
  const [a, b] = problem.shapes.map((shape, k) => input(`operand ${k}`, shape));
  const plan = compile(collect({ result: ops[problem.op](a, b) }), {
    profile: device.profile,
    leaves: ({ name }) => ({ buffer: { external: name! }, offset: 0 }),
  });
  const program = await createProgram(device, plan, { pipelines: createPipelineCache(device), buffers });
  return async (repeats) => {
    for (let launch = 1; launch <= repeats; launch++) {
      const encoder = device.gpu.createCommandEncoder();
      record(encoder, program.encode);
      device.gpu.queue.submit([encoder.finish()]);
      if (launch % LAUNCHES_IN_FLIGHT === 0) await device.settle(device.gpu.queue.onSubmittedWorkDone());
    }
    const result = await program.read("result");
    device.check();
    return checkedSum(problem, operands, result);
  };
}

export function reparam(name = "reparam", options: DeviceOptions = {}): Contestant {
  return {
    name,
    async prepare(problem) {
      const device = await requestDevice(options);
      return problem.kind === "training" ? training(device, name, problem) : kernel(device, problem);
    },
  };
}
