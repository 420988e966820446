import { expect, test } from "@playwright/test";
import { packedBits } from "../../src/codes/bits.ts";
import { posteriorKl } from "../../src/codes/posterior.ts";
import { principalBits } from "../../src/codes/principal-bits.ts";
import { buildModel, modelConfig, type RunConfig } from "../../src/config/config.ts";
import { statements } from "../../src/config/presets.ts";
import { type Dataset, valuesOf } from "../../src/data/dataset.ts";
import { ring, ringCentres } from "../../src/data/ring.ts";
import type { Message } from "../../src/host/job.ts";
import { runJob } from "../../src/jobs/job.ts";
import type { EvaluationEvent } from "../../src/jobs/messages.ts";
import { splitBlobs } from "../../src/jobs/send.ts";
import { activeUnits } from "../../src/metrics/active-units.ts";
import { retrievalPrecision } from "../../src/metrics/retrieval-precision.ts";
import { fit } from "../../src/train/fit.ts";
import { knownMeasures } from "../../src/train/known-measures.ts";
import { measuredCodes } from "../../src/train/measures.ts";
import type { Uses } from "../../src/train/uses.ts";
import { settle } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { tinyConfig } from "../support/train-job.ts";
import { patterns, sharedDevice, sharedGpu } from "../support/training.ts";

// Some batches and a part of one.
const dataset = patterns(37, 11, [4, 4, 1]);

const config = (family: keyof typeof statements, options: object): RunConfig => ({
  ...tinyConfig({ epochs: 5 }),
  model: modelConfig(statements[family], options),
});

async function trained(config: RunConfig) {
  const device = await sharedDevice();
  const gpu = await sharedGpu();
  const { training, seed } = config;
  const run = fit(device, buildModel(config.model, dataset), dataset, { ...training, seed });
  await run.finished;
  const checkpoint = await run.checkpoint();
  await run.dispose();
  const ask = async (body: object, blobs: Record<string, Uint8Array>) => {
    const answers: Message[] = [];
    const message = { body: { config, fields: dataset.fields, ...body } as never, blobs: { checkpoint, ...blobs } };
    const { signal } = new AbortController();
    await runJob(message, { gpu, settle, signal, emit: async (answer) => void answers.push(answer) });
    return answers[0];
  };
  return {
    evaluate: async (split: Dataset["test"], perExample = true) => {
      const { body, blobs } = await ask(
        { kind: "evaluate", count: split.count, perExample },
        splitBlobs("test", split),
      );
      const event = body as unknown as EvaluationEvent;
      const values = blobs && new Float32Array(blobs.terms.slice().buffer);
      return { ...event, values };
    },
    use: async (use: string, { count, values: { x } }: Dataset["test"]) => {
      const { blobs } = await ask({ kind: "use", use, count, seed: 0 }, { "input x": x as Uint8Array });
      return new Float32Array(blobs!.result.slice().buffer);
    },
  };
}

/** In every run of the tests: terms of a batch, of several objectives, and of labels. */
const quick = ["a codebook, which has terms of the batch alone", "two objectives", "a head, which reads labels"];

const cases: Record<string, RunConfig> = {
  vae: config("vae", { hidden: [8], latent: 2, activation: "tanh" }),
  "a VAE with free bits, and a likelihood of the batch": config("vae", {
    hidden: [8],
    latent: 2,
    activation: "tanh",
    freeBits: 0.1,
    likelihood: "gaussianCalibrated",
  }),
  "denoising-ae": config("denoising-ae", { hidden: [8], latent: 4 }),
  "a codebook, which has terms of the batch alone": config("vq-vae", { widths: [8], places: 4, codes: 8, width: 2 }),
  "two objectives": config("gan", { widths: [8], latent: 4 }),
  "a head, which reads labels": config("stacked-denoising-ae", { layers: [6], head: "softmax", activation: "tanh" }),
};

for (const [name, config] of Object.entries(cases)) {
  test(`${name}: the means of the examples' terms are the evaluation's`, async () => {
    test.skip(!quick.includes(name) && !long, onlyLong);
    const { evaluate } = await trained(config);
    const { test: means, terms, values } = await evaluate(dataset.test);
    expect(terms).toEqual(Object.keys(means).filter((term) => !["perplexity", "deadCodes"].includes(term)));
    const width = terms!.length;
    expect(values).toHaveLength(dataset.test.count * width);
    terms!.forEach((term, k) => {
      const own = Array.from({ length: dataset.test.count }, (_, row) => values![row * width + k]);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      expect(Math.abs(mean - means[term]!), term).toBeLessThan(1e-5 * Math.max(1, Math.abs(mean)));
      expect(new Set(own).size, `${term} differs between examples`).toBeGreaterThan(term === "error" ? 0 : 5);
    });
  });
}

test("the terms of examples stand in the examples' order, and come only where they are asked for", async () => {
  const { evaluate } = await trained(config("ae", { hidden: [8], latent: 4 }));
  const { count, values } = dataset.test;
  const x = Uint8Array.from(values.x);
  const reversed = Array.from({ length: count }, (_, row) => [...x.subarray(16 * row, 16 * row + 16)]).reverse();
  const turned = { count, values: { x: Uint8Array.from(reversed.flat()), label: values.label.slice().reverse() } };
  const [there, back] = [await evaluate(dataset.test), await evaluate(turned)];
  expect(there.values!.length).toBe(count);
  const apart = [...back.values!].map((value, row) => Math.abs(value - there.values![count - 1 - row]));
  expect(Math.max(...apart)).toBeLessThan(5e-5);
  const bare = await evaluate(dataset.test, false);
  expect([bare.values, bare.terms]).toEqual([undefined, undefined]);
});

test("a model says its squared error, and what is in its codes", async () => {
  const { evaluate, use } = await trained(config("vae", { hidden: [], latent: 2 }));
  const { measures, test: means } = await evaluate(dataset.test);
  const rows = dataset.test.count;
  const originals = valuesOf(dataset.test.values.x, dataset.fields.x);
  const redrawn = await use("reconstruct", dataset.test);
  const error = redrawn.reduce((sum, value, k) => sum + (value - originals[k]) ** 2, 0) / redrawn.length;
  expect(measures.meanSquaredError).toBeCloseTo(error, 6);
  const { kl, activeUnits: active, aggregate } = measures.posterior!;
  const posteriors = await use("posterior", dataset.test);
  posteriorKl(posteriors, { rows, latent: 2 }).forEach((nats, k) => {
    expect(kl[k]).toBeCloseTo(nats, 6);
  });
  expect(kl.reduce((sum, nats) => sum + nats, 0)).toBeCloseTo(means.kl!, 4);
  expect(active).toBe(activeUnits(await use("encode", dataset.test), { rows }).active);
  expect([aggregate.mean.length, aggregate.covariance.length]).toEqual([2, 2]);
});

test("a model whose codes are bits says how many of the nearest have the same class, beside principal components", async () => {
  const { evaluate, use } = await trained(config("semantic-hashing", { hidden: [], latent: 4 }));
  const { measures } = await evaluate(dataset.test);
  const { count: rows, values } = dataset.test;
  const options = { rows, nearest: 10 };
  expect(Object.keys(measures)).toEqual(["meanSquaredError", "units", "retrieval"]);
  expect(measures.retrieval).toEqual({
    bits: 4,
    nearest: 10,
    precision: retrievalPrecision(packedBits(await use("encode", dataset.test), { rows }), values.label, options),
    principalComponents: retrievalPrecision(principalBits(values.x, { rows, bits: 4 }), values.label, options),
  });
});

test("numbers of a code that are the same for every example are counted, and one that differs once is not", async () => {
  const model = buildModel(config("ae", { hidden: [8], latent: 4 }).model, dataset);
  const rows = dataset.test.count;
  const codes = Float32Array.from({ length: 4 * rows }, (_, at) => [at, 7, 0, Number(at === 4 * rows - 1)][at % 4]);
  const uses = { run: async () => codes } as unknown as Uses;
  const { units } = await measuredCodes(model, uses, { fields: dataset.fields, split: dataset.test, seed: 0 });
  expect(units).toEqual({ count: 4, constant: 2 });
});

test("how far numbers of a code are factors of the data is told, but of those that are the same in all examples", async () => {
  const rows = 24;
  // Three factors: two that vary, each with the other's values, and one that does not.
  const values = Uint8Array.from({ length: 3 * rows }, (_, at) => {
    const row = Math.floor(at / 3);
    return [row % 2, 7, Math.floor(row / 2) % 3][at % 3];
  });
  const names = ["side", "same", "size"];
  const factors = { kind: "vector", shape: [3], store: "u8", names } as const;
  const fields = { ...dataset.fields, factors };
  const split = { count: rows, values: { x: new Uint8Array(16 * rows), factors: values } };
  const model = buildModel(config("ae", { hidden: [8], latent: 2 }).model, dataset);
  const codesOf = (code: (row: number) => number[]) => ({
    run: async () => Float32Array.from(Array.from({ length: rows }, (_, row) => code(row)).flat()),
  });
  const told = async (code: (row: number) => number[]) =>
    knownMeasures(model, codesOf(code) as unknown as Uses, { fields, split, seed: 0 });
  const apart = await told((row) => [values[3 * row + 2], values[3 * row]]);
  expect(apart.factors!.gap).toBeCloseTo(1, 12);
  expect(Object.keys(apart.factors!.gaps)).toEqual(["side", "size"]);
  const twice = await told((row) => [values[3 * row], values[3 * row]]);
  expect(twice.factors!.gaps).toEqual({ side: 0, size: 0 });
  const nowhere = { fields: { ...fields, factors: { ...factors, store: "f32" } as const }, split, seed: 0 };
  expect(await knownMeasures(model, {} as Uses, nowhere)).toEqual({});
});

test("how many modes of a known mixture a model draws is told", async () => {
  const points = ring({ trainCount: 8, testCount: 8 });
  const model = buildModel(config("gan", { widths: [8], latent: 2, output: "linear" }).model, points);
  // Modes 0, 1 and 2 in turn, and every fourth sample at the origin.
  const run = async (_: string, count: number) =>
    Float32Array.from({ length: 2 * count }, (_, at) =>
      Math.floor(at / 2) % 4 < 3 ? ringCentres[Math.floor(at / 2) % 4][at % 2] : 0,
    );
  const options = { fields: points.fields, split: points.test, seed: 0 };
  const { modes } = await knownMeasures(model, { run } as unknown as Uses, options);
  expect(modes).toEqual({ count: 8, found: 3, samples: 4000, near: 0.75 });
});

test("a model says no more than it has uses for", async () => {
  const plain = await (await trained(config("ae", { hidden: [8], latent: 4 }))).evaluate(dataset.test, false);
  expect(Object.keys(plain.measures)).toEqual(["meanSquaredError", "units"]);
  expect(plain.measures.units).toEqual({ count: 4, constant: 0 });
  const drawing = await (await trained(config("gan", { widths: [8], latent: 4 }))).evaluate(dataset.test, false);
  expect(drawing.measures).toEqual({});
});
