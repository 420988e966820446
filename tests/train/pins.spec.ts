import { expect, test } from "@playwright/test";
import { compile } from "../../src/compiler/compile.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { encodeSafetensors } from "../../src/formats/safetensors.ts";
import { adapterKey, type TunedChoices, withChoices, withTuned } from "../../src/gpu/device.ts";
import { fit } from "../../src/index.ts";
import { choicesOf } from "../../src/plan/plan.ts";
import { arenaLayout } from "../../src/runtime/arena.ts";
import { leafPlaces, stageGraphs } from "../../src/train/objective.ts";
import { type Pins, pinned, pinsOf } from "../../src/train/pins.ts";
import { openCheckpoint } from "../../src/train/read-checkpoint.ts";
import { long } from "../support/long.ts";
import { eventsOf, finalCheckpoint, runTrainJob, tinyConfig } from "../support/train-job.ts";
import { patterns, sharedDevice, sharedGpu, tinyVae } from "../support/training.ts";

// Batches of 1024, so that the weights' gradients are sums that can be cut into slices: that changes their bits.
const dataset = patterns(2048, 16, [4, 4, 1]);
const config = tinyConfig({ batchSize: 1024, epochs: 2 });

/** Choices for every product of the model: one variant throughout, gradients of weights in so many slices. */
async function tuned(slices: number): Promise<TunedChoices> {
  const device = await sharedDevice();
  const model = tinyVae();
  const [{ graph }] = stageGraphs(model, model.stages[0], 1024, true);
  const leaves = leafPlaces(arenaLayout(model.parameters));
  const names = Object.keys(choicesOf(compile(graph, { profile: device.profile, schedules: ["klWeight"], leaves })));
  const entries = names.map((name) => [name, `general 8${name.includes("TN") && slices > 1 ? ` / ${slices}` : ""}`]);
  return { [adapterKey(device.adapter)]: Object.fromEntries(entries) };
}

const withoutPins = (bytes: Uint8Array): Uint8Array => {
  const { tensors, metadata } = decodeSafetensors(bytes, "checkpoint");
  const { kernels: _, checksum: __, ...rest } = metadata;
  return encodeSafetensors(tensors, rest);
};

test.describe("a run whose choices were measured", () => {
  test.slow();

  test("is resumed to the same bytes whatever was measured meanwhile, for its checkpoints pin what it chose", async () => {
    const gpu = await sharedGpu();
    const [two, four] = [await tuned(2), await tuned(4)];
    const whole = await runTrainJob({ gpu, config, dataset, tuned: two });
    const other = await runTrainJob({ gpu, config, dataset, tuned: four });
    // Otherwise the rest would prove nothing.
    expect(Buffer.compare(withoutPins(finalCheckpoint(other)), withoutPins(finalCheckpoint(whole)))).not.toBe(0);
    const half = whole.find(({ body }) => body.event === "checkpoint")!.blobs!.checkpoint;

    for (const now of long ? [four, undefined] : [four]) {
      const rest = await runTrainJob({ gpu, config, dataset, checkpoint: half, tuned: now });
      expect(Buffer.compare(finalCheckpoint(rest), finalCheckpoint(whole))).toBe(0);
      const { kernels } = eventsOf(rest, "start")[0].environment as { kernels: string[] };
      expect(kernels.find((line) => line.includes(" TN"))).toMatch(
        /^matmul\/general .* TN: general 8 \/ 2 \(pinned\)$/,
      );
    }
    // One of before there were pins goes on with what is known now.
    const old = await runTrainJob({ gpu, config, dataset, checkpoint: withoutPins(half), tuned: two });
    expect(Buffer.compare(finalCheckpoint(old), finalCheckpoint(whole))).toBe(0);
    const { kernels } = eventsOf(old, "start")[0].environment as { kernels: string[] };
    expect(kernels.filter((line) => line.startsWith("matmul/")).every((line) => line.endsWith("(tuned)"))).toBe(true);
  });

  test("is what `fit` continues too", async () => {
    const device = await sharedDevice();
    const options = { epochs: 2, batchSize: 1024, learningRate: 1e-2, seed: 1 };
    const checkpointAfter = async (on: typeof device, change: object = {}) => {
      const run = fit(on, tinyVae(), dataset, { ...options, ...change });
      const bytes = await run.checkpoint();
      await run.dispose();
      return bytes;
    };
    const measured = withTuned(device, await tuned(2));
    const whole = await checkpointAfter(measured);
    const half = await checkpointAfter(measured, { maxSteps: 2 });
    const rest = await checkpointAfter(withTuned(device, await tuned(4)), { resume: half });
    expect(Buffer.compare(rest, whole)).toBe(0);
  });
});

test("pins hold for the kind of adapter that they are of, before what was measured", async () => {
  const device = await sharedDevice();
  const measured = withChoices(device, [{ source: "tuned", entries: {} }]);
  const pins = (adapter: string): Pins => ({ adapter, choices: { "matmul NN 8x8x8": "general 8" } });
  const { vendor, architecture } = device.adapter;
  expect(pinned(measured, pins(`${vendor} ${architecture}`)).profile.choices).toEqual([
    { source: "pinned", entries: { "matmul NN 8x8x8": "general 8" } },
    { source: "tuned", entries: {} },
  ]);
  expect(pinned(measured, pins("another gpu"))).toBe(measured);
  expect(pinned(measured, undefined)).toBe(measured);
});

test("pins that cannot be read are an error that names them", () => {
  const holding = (kernels: string) => openCheckpoint(encodeSafetensors({}, { kernels }), "f");
  const choices = { "matmul NN 8x8x8": "general 8" };
  expect(pinsOf(holding(JSON.stringify({ adapter: "a b", choices })))).toEqual({ adapter: "a b", choices });
  expect(pinsOf(openCheckpoint(encodeSafetensors({}, {}), "f"))).toBeUndefined();
  const bad = ["{", "{}", JSON.stringify({ adapter: "a b", choices: { x: "quantum 9" } })];
  for (const kernels of bad) {
    expect(() => pinsOf(holding(kernels))).toThrow(/^f names kernels that this version does not know/);
  }
});
