import { expect, test } from "@playwright/test";
import { IMAGE_DATA } from "../../src/bench/preset-trainer.ts";
import { compile } from "../../src/compiler/compile.ts";
import { buildModel, presetConfig } from "../../src/config/config.ts";
import { presets } from "../../src/config/presets.ts";
import { pixels } from "../../src/data/dataset.ts";
import type { Device } from "../../src/gpu/device.ts";
import { collect } from "../../src/graph/graph.ts";
import { autoencoder } from "../../src/models/model.ts";
import { trained } from "../../src/nn/parameter.ts";
import { square } from "../../src/ops/arithmetic.ts";
import { input } from "../../src/ops/leaf.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { sum } from "../../src/ops/reduce.ts";
import { arenaLayout } from "../../src/runtime/arena.ts";
import { Patience } from "../../src/timing/patience.ts";
import { leafPlaces, stageGraphs } from "../../src/train/objective.ts";
import { subjectsOf, subjectsOfModel } from "../../src/tune/products.ts";
import { storeKey, type TuneStore } from "../../src/tune/store.ts";
import { tuneProducts } from "../../src/tune/tune.ts";
import { tune } from "../../src/tune/tune-model.ts";
import { drivers } from "../support/dawn.ts";
import { hurried } from "../support/hurried.ts";
import { HANG_SECONDS, long } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";

const graph = collect({ C: matmul(input("A", [600, 24]), input("B", [600, 16]), { transposeA: true }) });

const tuneAll: typeof tuneProducts = (...of) => hurried(() => tuneProducts(...of));
const tuneModel: typeof tune = (...of) => hurried(() => tune(...of));

/** A device whose compiler spoils the kernels of a variant. */
function spoiling(device: Device, variant: string): Device {
  const gpu = new Proxy(device.gpu, {
    get: (target, key) => {
      if (key === "createShaderModule") {
        return (descriptor: GPUShaderModuleDescriptor) => {
          const spoilt = descriptor.label?.endsWith(variant) ?? false;
          const code = spoilt ? descriptor.code.replace("k += 4", "k += 8") : descriptor.code;
          return target.createShaderModule({ ...descriptor, code });
        };
      }
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...device, gpu };
}

test("one class is tuned: every candidate is checked and timed, and the choice is one of them", async () => {
  const device = await sharedDevice(drivers.at(-1));
  const lines: string[] = [];
  const subjects = subjectsOf([graph], device.profile);
  const { products } = await tuneAll(device, new Patience(device, 1000 * HANG_SECONDS), subjects, {
    rounds: 4,
    onProgress: (line) => lines.push(line),
  });
  expect(products).toHaveLength(1);
  const [{ candidates, choice, before, source, gain, ...found }] = products;
  expect(found).toEqual({ class: "matmul TN 32x512x16 in slices", name: "matmul TN 24x600x16 in slices" });
  expect(lines).toEqual(["matmul TN 32x512x16 in slices (1 of 1)"]);
  expect(source).toBe("default");
  expect(candidates[0].choice).toBe(before);
  expect(candidates.map(({ choice: text }) => text)).toContain(choice);
  expect(candidates.some(({ choice: text }) => text.endsWith(" / 2"))).toBe(true);
  for (const { time, rounds, problem } of candidates) {
    expect(problem).toBeUndefined();
    expect(rounds).toBeGreaterThanOrEqual(3);
    expect(time!.median).toBeGreaterThan(0);
  }
  expect(gain).toBeGreaterThanOrEqual(1);
});

test("candidates that compute wrong numbers are out, and the report says so", async () => {
  const device = spoiling(await sharedDevice(drivers.at(-1)), "matmul/register");
  const subjects = subjectsOf([graph], device.profile);
  const { products } = await tuneAll(device, new Patience(device, 1000 * HANG_SECONDS), subjects, { rounds: 3 });
  for (const { choice, time, problem } of products[0].candidates) {
    expect(time === undefined, choice).toBe(choice.startsWith("register"));
    expect(problem ?? "", choice).toMatch(choice.startsWith("register") ? /^Its result differs by/ : /^$/);
  }
  expect(products[0].choice).not.toMatch(/^register/);
});

for (const name of Object.keys(presets).filter((_, k) => long || k % 4 === 0)) {
  test(`the subjects of ${name} are of the classes that its training step looks up`, async () => {
    const profile = { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 64 };
    const { model: config, training } = presetConfig(name);
    const model = buildModel(config, IMAGE_DATA);
    const subjects = subjectsOfModel(model, training.batchSize, profile);
    const entries = Object.fromEntries(subjects.map((subject) => [subject.class, "general 32"]));
    const graphs = model.stages.flatMap((stage) => stageGraphs(model, stage, training.batchSize, true));
    const products = graphs.flatMap(({ graph }) => {
      const { dispatches } = compile(graph, {
        profile: { ...profile, choices: [{ source: "tuned", entries }] },
        schedules: Object.keys(model.schedules),
        leaves: leafPlaces(arenaLayout(model.parameters)),
      });
      return dispatches.flatMap(({ product }) => product ?? []);
    });
    expect(products.length).toBeGreaterThan(4);
    expect(products.filter(({ source }) => source !== "tuned")).toEqual([]);
    expect(subjects.length).toBeLessThanOrEqual(products.length);
  });
}

test("a model is tuned once: the store knows it the next time, and a device carries the choices", async () => {
  const shared = await sharedDevice(drivers.at(-1));
  // Without subgroups there are fewer candidates.
  const device = { ...shared, profile: { ...shared.profile, subgroups: false } };
  const kept = new Map<string, Readonly<Record<string, string>>>();
  const store: TuneStore = {
    load: async (key) => kept.get(key),
    save: async (key, choices) => void kept.set(key, choices),
  };
  const weight = trained("w", [16, 8], () => new Float32Array(128), { fanIn: 16, fanOut: 8 });
  const model = autoencoder({
    fields: { x: pixels([16]) },
    parameters: [weight],
    unit: "",
    terms: (batch) => ({ loss: sum(square(matmul(batch.field("x"), weight.node)), { axes: [1] }) }),
    uses: {},
  });
  const options = { batchSize: 8, rounds: 3, store };
  const first = await tuneModel(device, model, options);
  expect(first.products.map((found) => found.class)).toEqual([
    "matmul NN 8x16x8 in slices",
    "matmul TN 16x8x8 in slices",
  ]);
  const [[key, entries]] = kept;
  expect(key).toBe(storeKey(device.adapter, (globalThis.navigator as Navigator | undefined)?.userAgent ?? ""));
  expect(first.device.profile.choices).toEqual([{ source: "tuned", entries }]);

  const [forgotten] = first.products;
  const again = await tuneModel(device, model, options);
  expect(again.products).toEqual([]);
  expect(again.device.profile.choices).toEqual(first.device.profile.choices);
  const { [forgotten.class]: _, ...rest } = entries;
  kept.set(key, { ...rest, "matmul NN 1x1x1": "quantum 9" });
  expect((await tuneModel(device, model, options)).products.map((found) => found.class)).toEqual([forgotten.class]);

  const broken: TuneStore = {
    load: () => Promise.reject(new Error("no")),
    save: () => Promise.reject(new Error("no")),
  };
  const stop = new AbortController();
  stop.abort();
  await expect(tune(device, model, { ...options, store: broken, signal: stop.signal })).rejects.toMatchObject({
    code: "aborted",
  });
});
