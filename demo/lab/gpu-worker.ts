import { families } from "../../src/bench/catalog.ts";
import { trainerOnNoise } from "../../src/bench/noise-trainer.ts";
import { timeStep } from "../../src/bench/plan.ts";
import { runCases } from "../../src/bench/run.ts";
import { buildModel } from "../../src/config/config.ts";
import { trainingWith } from "../../src/config/defaults.ts";
import { type Device, requestDevice } from "../../src/gpu/device.ts";
import { selfTest } from "../../src/selftest/index.ts";
import { largestBinding } from "../../src/train/data.ts";
import { plansOf } from "../../src/train/stage-plan.ts";
import type { FromGpu, GpuAnswers, GpuQuestion, ModelToPlan } from "./gpu-questions.ts";

// The worker that checks and measures this machine, on a device of its own: it answers one question and ends with it.

addEventListener("message", ({ data }: MessageEvent<GpuQuestion>) => {
  const tell = (message: FromGpu) => postMessage(message);
  answer(data, (progress) => tell({ progress })).then(
    (result) => tell({ result }),
    (error: Error) => tell({ failure: error.message }),
  );
});

async function answer(
  question: GpuQuestion,
  onProgress: (line: string) => void,
): Promise<GpuAnswers[GpuQuestion["ask"]]> {
  if (question.ask === "kernels") return Object.keys(families);
  const device = await requestDevice();
  switch (question.ask) {
    case "measure": {
      const { profile } = device;
      const cases = question.kernels.flatMap((name) =>
        families[name].cases({ profile, variants: false, large: false }),
      );
      return runCases(device, cases, { rounds: roundsOf(device), onProgress });
    }
    case "check":
      return selfTest(device, {
        onProgress: ({ done, total, row: { kernel } }) => onProgress(`${done} of ${total} checked, ${kernel}`),
      });
    case "plan": {
      const { data, model, training } = planned(question.model);
      const stages = plansOf(model, { ...data, shardBytes: largestBinding(device) }, device.profile, training);
      return stages.map(({ name, plan }) => ({
        name,
        launches: plan.dispatches.map(({ kernel, label, shape, code }) => ({ kernel, label, shape, code })),
      }));
    }
    case "time": {
      const { data, model, training } = planned(question.model);
      const { stage, seed } = question;
      const optimizer = { ...training.optimizer, learningRate: 0 }; // nothing moves
      onProgress("compiling");
      const trainer = await trainerOnNoise(device, model, data, { ...training, optimizer, seed, stage });
      const step = { name: question.model.choice.family, batchSize: training.batchSize };
      return timeStep(device, trainer, step, { rounds: roundsOf(device), onProgress });
    }
  }
}

/** Software adapters take long, and vary little. */
const roundsOf = ({ profile }: Device): number => (profile.software ? 3 : 15);

/** A model with what `fit` would take for it. */
function planned({ choice, fields, count, batchSize, learningRate }: ModelToPlan) {
  const data = { fields, count };
  const model = buildModel(choice, data);
  return { data, model, training: trainingWith(model.training, { batchSize, optimizer: { learningRate } }) };
}
