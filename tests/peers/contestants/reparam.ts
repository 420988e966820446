import { type Device, type DeviceOptions, requestDevice } from "../../../src/gpu/device.ts";
import { vae } from "../../../src/models/vae.ts";
import { arenaLayout, packArena, unpackArena } from "../../../src/runtime/arena.ts";
import { createTrainer, type Trainer } from "../../../src/train/trainer.ts";
import { BATCH_SIZE, HIDDEN, IMAGES, LATENT, LEARNING_RATE, type ParameterName } from "../problem.ts";
import { assertAllMoved, type Contestant, type Probe } from "./contestant.ts";

/** reparam through its own trainer: batches by a permutation of each epoch, noise from Philox, fused Adam. */
export function reparam(name = "reparam", options: DeviceOptions = {}): Contestant {
  const model = vae({ input: [28, 28, 1], hidden: [HIDDEN], latent: LATENT, likelihood: "bernoulli" });
  const layout = arenaLayout(model.parameters);
  let device: Device;
  let trainer: Trainer;
  let before: Probe;
  return {
    name,
    async prepare(weights, images) {
      device = await requestDevice(options);
      const split = { count: IMAGES, examples: images };
      trainer = await createTrainer(device, model, {
        dataset: { name: "strokes", shape: [28, 28, 1], train: split, test: split },
        batchSize: BATCH_SIZE,
        optimizer: { name: "adam", learningRate: LEARNING_RATE },
        learningRateSchedule: { name: "constant" },
        klWeight: { name: "constant" },
        totalSteps: 1_000_000,
        seed: 3,
      });
      const parameters = packArena(layout, ({ name: parameter }) => weights[parameter as ParameterName]);
      trainer.restore({ ...(await trainer.snapshot()), parameters }); // a fresh trainer but for its weights
      before = { ...weights };
    },
    async run(steps) {
      let loss = Number.NaN;
      await trainer.train(steps, ({ metrics }) => {
        loss = metrics[0];
      });
      const parameters = await trainer.weights();
      const entries = model.parameters.map((parameter) => [parameter.name, unpackArena(layout, parameters, parameter)]);
      const after: Probe = Object.fromEntries(entries);
      assertAllMoved(name, before, after);
      before = after;
      return loss;
    },
    dispose() {
      trainer.dispose();
      device.dispose();
    },
  };
}
