import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { type Dataset, type FieldValues, fieldSize, valuesOf } from "../../src/data/dataset.ts";
import { ReparamError } from "../../src/errors.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import * as families from "../../src/models/families.ts";
import type { Family, FamilyStatement } from "../../src/models/family.ts";
import { type Model, placesOf } from "../../src/models/model.ts";
import { finalValue } from "../../src/nn/schedules.ts";
import { input } from "../../src/ops/leaf.ts";
import { fieldBuffer, INDEX, usePass, WEIGHT } from "../../src/train/batch.ts";
import { fit, type Run } from "../../src/train/fit.ts";
import { stageGraphs } from "../../src/train/objective.ts";
import { expectSameStep } from "../support/float64-step.ts";
import { long, onlyLong } from "../support/long.ts";
import { patterns, sharedDevice } from "../support/training.ts";

// What holds for every family, tried on each of the list: a new one is tested before its author writes a test.

const SHAPE = [6, 6, 1];
// The same for all laws, so that what one of them compiles serves the others.
const BATCH = 8;
const few = patterns(37, 9, SHAPE);

/** A family's options, but small: layers of a few numbers. */
function small({ options }: FamilyStatement): Record<string, unknown> {
  const shrunk = Object.entries(options).map(([name, option]): [string, unknown] => {
    const { default: value, integer } = option;
    if (Array.isArray(value)) return [name, value.map((width) => Math.max(8, Math.round(width / 16)))];
    if (typeof value === "number" && integer) return [name, Math.min(value, 8)];
    return [name, value];
  });
  // Optional heads and the like: where a choice is "none" unless given, its last word is the most that it does.
  const whole = shrunk.map(([name, value]): [string, unknown] => {
    const { words } = options[name];
    return [name, value === "none" && words ? words[words.length - 1] : value];
  });
  return Object.fromEntries(whole);
}

/** The small options, beside them each word of each choice, and all weights above 0. */
function choicesOf(statement: FamilyStatement): Record<string, unknown>[] {
  const usual = small(statement);
  const weights = Object.keys(statement.options).filter((name) => statement.options[name].live !== undefined);
  const others = Object.entries(statement.options).flatMap(([name, { words = [] }]) =>
    words.filter((word) => word !== usual[name]).map((word) => ({ ...usual, [name]: word })),
  );
  return [usual, ...others, { ...usual, ...Object.fromEntries(weights.map((name) => [name, 0.5])) }];
}

const make = (family: Family, data: Dataset, options: Record<string, unknown> = small(family.statement)): Model =>
  (family as (options: object) => Model)({ data, ...options });

/** Values of a data set's fields for the interpreter, the first `count` of them real. */
function feedsOf(model: Model, { fields, train }: Dataset, rows: number, count: number): Record<string, number[]> {
  const real = Array.from({ length: rows }, (_, row) => row < count);
  const feeds: Record<string, number[]> = {
    [WEIGHT]: real.map(Number),
    [INDEX]: real.map((is, row) => (is ? row : 0)),
  };
  for (const [name, field] of Object.entries(fields)) {
    const values = valuesOf(train.values[name].subarray(0, count * fieldSize(field)), field);
    feeds[fieldBuffer(name)] = Array.from({ length: rows * fieldSize(field) }, (_, k) => values[k] ?? 0);
  }
  return { ...feeds, ...schedulesOf(model), ...parametersOf(model, { fields, train }) };
}

/** What its schedules are in the end. */
const schedulesOf = ({ schedules }: Model): Record<string, number[]> =>
  Object.fromEntries(Object.entries(schedules).map(([name, description]) => [name, [finalValue(description)]]));

/** What the model begins with. */
const parametersOf = (model: Model, { fields, train }: Pick<Dataset, "fields" | "train">): Record<string, number[]> =>
  Object.fromEntries(
    model.parameters.map(({ name, fit, initialize }) => [name, [...(fit?.(train, fields) ?? initialize(3))]]),
  );

/** What a use gives in float64 by the parameters that the model begins with. */
function interpretedUse(model: Model, data: Dataset, name: string, rows: number, given: Record<string, FieldValues>) {
  const { from, apply } = model.uses[name];
  const nodes = Object.entries(from).map(
    ([key, { shape }]) => [key, input(fieldBuffer(key), [rows, ...shape])] as const,
  );
  const values = Object.entries(from).map(
    ([key, field]) => [fieldBuffer(key), [...valuesOf(given[key], field)]] as const,
  );
  const y = apply(Object.fromEntries(nodes), usePass(rows));
  return interpret(collect({ y }), {
    feeds: { ...schedulesOf(model), ...parametersOf(model, data), ...Object.fromEntries(values) },
  }).y;
}

const BEATS = "it beats a constant output";

const laws: Readonly<Record<string, (family: Family) => Promise<void> | void>> = {
  "a ragged batch has the terms and gradients of its examples alone, whatever is chosen": (family) => {
    const data = patterns(8, 3, SHAPE);
    const models = choicesOf(family.statement).map((options) => make(family, data, options));
    const others: string[] = [];
    for (const [model, stage] of models.flatMap((model) => model.stages.map((stage) => [model, stage] as const))) {
      const whole = stageGraphs(model, stage, 2, true);
      const ragged = stageGraphs(model, stage, 3, true);
      whole.forEach(({ graph }, k) => {
        const expected = interpret(graph, { feeds: feedsOf(model, data, 2, 2), seed: [7, 0], step: 2 });
        const actual = interpret(ragged[k].graph, { feeds: feedsOf(model, data, 3, 2), seed: [7, 0], step: 2 });
        for (const [name, values] of Object.entries(expected)) {
          const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
          const error = values.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[name][i])), 0);
          if (!(error / scale < 1e-9)) others.push(`${stage.name}: ${name} by ${error / scale}`);
        }
      });
    }
    expect(others).toEqual([]);
  },

  "a step on the GPU is the interpreter's, in every stage": async (family) => {
    const dataset = few;
    const model = make(family, dataset);
    for (const stage of model.stages.keys()) {
      await expectSameStep(await sharedDevice(), { model, dataset, batchSize: BATCH, seed: 9, epoch: 2, stage });
    }
  },

  "interrupted and resumed from its checkpoint, a run ends in the same bytes": async (family) => {
    const data = few;
    const device = await sharedDevice();
    const options = { epochs: 4, batchSize: BATCH, seed: 5 };
    const whole = fit(device, make(family, data), data, options);
    const stop = new AbortController();
    const onStep = (step: number) => step === 7 && stop.abort();
    const cut = fit(device, make(family, data), data, { ...options, signal: stop.signal, onStep });
    expect(await cut.finished).toBe("interrupted");
    const resumed = fit(device, make(family, data), data, { ...options, resume: await cut.checkpoint() });
    expect(await resumed.finished).toBe("ok");
    await whole.finished;
    expect(Buffer.compare(await resumed.checkpoint(), await whole.checkpoint())).toBe(0);
    for (const run of [whole, cut, resumed]) await run.dispose();
  },

  "uses give what their fields say, from what their fields say": async (family) => {
    const data = few;
    const model = make(family, data);
    const run = ofEachKind.includes(family)
      ? fit(await sharedDevice(), model, data, { epochs: 1, batchSize: BATCH })
      : undefined;
    await run?.finished;
    for (const [name, { from, to }] of Object.entries(model.uses)) {
      const inputs = Object.fromEntries(
        Object.entries(from).map(([key, field]) => {
          const known = data.test.values[key]?.subarray(0, 5 * fieldSize(field));
          return [key, known ?? new Float32Array(5 * fieldSize(field)).fill(field.classes ? 1 : 0.5)];
        }),
      );
      const result = run ? await run.use(name, 5, inputs) : interpretedUse(model, data, name, 5, inputs);
      expect(result.length, name).toBe(5 * fieldSize(to));
      expect(result.every(Number.isFinite), `${name} is finite`).toBe(true);
    }
    await run?.dispose();
  },

  "every bad value of every option is refused by its name": (family) => {
    const data = patterns(8, 3, SHAPE);
    const { options, name } = family.statement;
    const otherwise: string[] = [];
    for (const [key, option] of Object.entries(options)) {
      for (const bad of option.breaking) {
        let refusal: unknown;
        try {
          make(family, data, { [key]: bad });
        } catch (error) {
          refusal = error;
        }
        const inWords = refusal instanceof ReparamError && refusal.code === "config" ? refusal.message : "";
        if (!new RegExp(`^${name}: ${key}[ .]`).test(inWords))
          otherwise.push(`${key}: ${JSON.stringify(bad)}: ${refusal}`);
      }
    }
    expect(otherwise).toEqual([]);
  },

  "what may change while a run goes is a schedule of the model, with one choice or another": (family) => {
    const { options } = family.statement;
    const data = patterns(8, 3, SHAPE);
    const live = Object.keys(options).filter((name) => options[name].live);
    const schedules = choicesOf(family.statement).flatMap((chosen) =>
      Object.keys(make(family, data, chosen).schedules),
    );
    expect(live.filter((name) => !schedules.includes(name))).toEqual([]);
    for (const name of live) {
      const { default: value, upTo = 10 } = options[name];
      if (typeof value === "number")
        expect(value, `${name} beside the most that a slider offers`).toBeLessThanOrEqual(upTo);
    }
  },

  "an unknown option is refused, and the nearest one named": (family) => {
    const [known] = Object.keys(family.statement.options);
    const misspelt = () => make(family, patterns(8, 3, SHAPE), { [`${known}s`]: 1 });
    expect(misspelt).toThrow(`there is no option ${known}s; did you mean ${known}?`);
  },

  "data without a field that it reads are refused": (family) => {
    const { train, test: held, name } = patterns(8, 3, SHAPE);
    const bare = { name, fields: {}, train, test: held };
    expect(() => make(family, bare)).toThrow(`${family.statement.name} reads the field "x"`);
  },

  [BEATS]: async (family) => {
    const data = patterns(96, 24, SHAPE);
    const usual = make(family, data);
    const redraws = usual.uses.reconstruct !== undefined;
    // Adversaries alone circle one another, or draw one example only: what a family has against it is what has to help.
    const model = redraws ? usual : make(family, data, choicesOf(family.statement).at(-1));
    const optimizer = { ...(!redraws && family.statement.training?.optimizer), learningRate: 2e-3 };
    const run = fit(await sharedDevice(), model, data, { epochs: 100, batchSize: BATCH, optimizer, seed: 1 });
    const errors = redraws ? reconstructionErrors : sampleErrors;
    // Two looks one after another, so that no lucky moment passes.
    let looks = 0;
    let ratios: readonly number[] = [];
    for await (const { epoch } of run) {
      if (epoch % 10 > 0) continue;
      ratios = await errors(run, model, data);
      looks = ratios.every((ratio) => ratio < 0.9) ? looks + 1 : 0;
      if (looks === 2) break;
    }
    expect(looks, `errors as shares of a constant's: ${ratios}`).toBeGreaterThan(1);
    await run.dispose();
  },
};

const square = (a: ArrayLike<number>, b: ArrayLike<number>, from = 0): number => {
  let sum = 0;
  for (let k = 0; k < b.length; k++) sum += (a[from + k] - b[k]) ** 2;
  return sum;
};

/** The mean image of the training examples. */
function meanImage({ fields, train }: Dataset): Float64Array {
  const size = fieldSize(fields.x);
  const values = valuesOf(train.values.x, fields.x);
  const mean = new Float64Array(size);
  values.forEach((value, k) => {
    mean[k % size] += value / train.count;
  });
  return mean;
}

/** The error of held-out examples beside that of the mean image, or of those of the training where a model knows them by their places alone. */
async function reconstructionErrors(run: Run, model: Model, data: Dataset): Promise<readonly number[]> {
  const { fields, train, test: held } = data;
  const { count, values } = placesOf(model) ? train : held;
  const places = Float32Array.from({ length: count }, (_, row) => row);
  const known: Record<string, FieldValues> = { ...values, index: places };
  const inputs = Object.fromEntries(Object.keys(model.uses.reconstruct.from).map((key) => [key, known[key]]));
  const redrawn = await run.use("reconstruct", count, inputs);
  const originals = valuesOf(values.x, fields.x);
  const mean = meanImage(data);
  const size = mean.length;
  let [error, constant] = [0, 0];
  for (let i = 0; i < count; i++) {
    const original = originals.subarray(i * size, (i + 1) * size);
    error += square(redrawn, original, i * size);
    constant += square(mean, original);
  }
  return [error / constant];
}

/** The mean squared distance of rows of `size` numbers from the nearest of other such rows. */
function distanceToNearest(rows: ArrayLike<number>, others: Float32Array, size: number): number {
  let total = 0;
  for (let from = 0; from < rows.length; from += size) {
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < others.length; k += size) {
      least = Math.min(least, square(rows, others.subarray(k, k + size), from));
    }
    total += least;
  }
  return (total * size) / rows.length;
}

/**
 * How far samples are from the nearest example, and examples from the nearest sample, which those of a model that draws always
 * the same are; beside the mean image.
 */
function samplesBesideMean(drawn: Float32Array, data: Dataset): readonly number[] {
  const examples = Float32Array.from(valuesOf(data.train.values.x, data.fields.x));
  const mean = Float32Array.from(meanImage(data));
  const size = mean.length;
  return [
    distanceToNearest(drawn, examples, size) / distanceToNearest(mean, examples, size),
    distanceToNearest(examples, drawn, size) / distanceToNearest(examples, mean, size),
  ];
}

const sampleErrors = async (run: Run, _: Model, data: Dataset): Promise<readonly number[]> =>
  samplesBesideMean(Float32Array.from(await run.sample(32)), data);

test("what draws one example again and again, or the mean, is no better than a constant; the examples themselves are", () => {
  const data = patterns(32, 8, SHAPE);
  const examples = Float32Array.from(valuesOf(data.train.values.x, data.fields.x));
  const size = examples.length / 32;
  const always = Float32Array.from(examples, (_, k) => examples[k % size]);
  const [near, missed] = samplesBesideMean(always, data);
  expect(near).toBe(0);
  expect(missed).toBeGreaterThan(1);
  expect(samplesBesideMean(Float32Array.from(meanImage(data)), data)).toEqual([1, 1]);
  expect(samplesBesideMean(examples, data)).toEqual([0, 0]);
});

/** One family alone, by its name, with every law of it. */
const asked = process.env.REPARAM_FAMILY;

const all = (Object.values(families) as unknown as readonly Family[]).filter(
  ({ statement }) => asked === undefined || statement.name === asked,
);

if (all.length === 0) throw new Error(`REPARAM_FAMILY: there is no family ${asked}.`);

/** What the trainer sees of a family: how many stages and objectives, statistics beside weights, codes of its examples' own. */
function kindOf(family: Family): string {
  const model = make(family, few);
  const objectives = model.stages.map(({ objectives }) => objectives.length);
  const statistics = model.parameters.some(({ trained }) => !trained);
  return JSON.stringify([objectives, statistics, Boolean(placesOf(model))]);
}

const kinds = all.map(kindOf);
/** The first family of each kind, and all in the long suite, or where one is asked for. */
const ofEachKind = all.filter((_, k) => long || kinds.indexOf(kinds[k]) === k);

/** Laws of the GPU: a family's own part in them is its graphs, which the other laws look at, and those of every op compute the same. */
const ofGpu = [
  "a step on the GPU is the interpreter's, in every stage",
  "interrupted and resumed from its checkpoint, a run ends in the same bytes",
  BEATS,
];

/** Those that have adversaries take longest to learn. */
const takesLong = (family: Family): boolean =>
  !long && asked === undefined && make(family, few).stages.some(({ objectives }) => objectives.length > 1);

for (const family of all) {
  for (const [says, holds] of Object.entries(laws)) {
    test(`${family.statement.name}: ${says}`, () => {
      test.skip(ofGpu.includes(says) && !ofEachKind.includes(family), onlyLong);
      test.skip(says === BEATS && takesLong(family), onlyLong);
      return holds(family);
    });
  }
}

/** A word in quotes of any kind. */
const QUOTED = /(["'`])([a-z0-9-]+)\1/g;

/** Which file has which family, for who loads one alone. */
const LIST = join("src", "models", "family-files.generated.ts");

test("no file but a family's own, and the list, knows its name, or that of a preset: neither the library's nor the page's", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const owners = new Map<string, string>();
  for (const { statement } of all) {
    for (const name of [statement.name, ...Object.keys(statement.presets)]) {
      owners.set(name, join("src", "models", `${statement.name}.ts`));
    }
  }
  // The preset that a run, and the page, has where nobody names one.
  const byDefault = { preset: "vae", files: ["src/config/resolve.ts", "demo/lab/settings.ts"] };
  const told: string[] = [];
  for (const folder of ["src", "demo"]) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!/\.tsx?$/.test(name)) continue;
      const file = join(folder, name);
      if (file === LIST) continue;
      for (const [, , word] of readFileSync(join(root, file), "utf8")
        .replace(/^ *(\/?\*|\/\/).*$/gm, "")
        .matchAll(QUOTED)) {
        const usual = word === byDefault.preset && byDefault.files.some((known) => file === join(known));
        if (owners.has(word) && owners.get(word) !== file && !usual) told.push(`${file}: ${word}`);
      }
    }
  }
  expect(told).toEqual([]);
});
