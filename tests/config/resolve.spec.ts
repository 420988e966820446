import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { configWith } from "../../src/cli/use-model.ts";
import { buildModel, DEFAULT_DATA, presetConfig, remarksOnModel } from "../../src/config/config.ts";
import { keysEverywhere } from "../../src/config/keys.ts";
import { presets, statements } from "../../src/config/presets.ts";
import { type ConfigLayers, parseSet, resolveConfig } from "../../src/config/resolve.ts";
import { labels, pixels } from "../../src/data/dataset.ts";
import { ReparamError } from "../../src/errors.ts";
import { editDistance, nearest } from "../../src/nearest.ts";
import { long } from "../support/long.ts";

const set = (...texts: string[]) => resolveConfig({ sets: texts.map(parseSet) });

const file = { source: "--data", values: { data: { name: "series.csv" } } };

function refusal(layers: () => unknown): string {
  try {
    layers();
  } catch (error) {
    expect(error).toBeInstanceOf(ReparamError);
    expect(["config", "usage"]).toContain((error as ReparamError).code);
    return (error as ReparamError).message;
  }
  throw new Error("nothing was refused");
}

test("a resolved config, written as JSON and read as a file, resolves to itself", () => {
  const variants: ConfigLayers[] = [
    ...Object.entries(presets).map(([preset, { data }]) => ({
      preset,
      ...(typeof data === "string" && { flags: [file] }),
    })),
    { sets: [parseSet("model.klWeight.name=cyclical"), parseSet("training.earlyStopping.patience=3")] },
    { sets: [parseSet("training.learningRateSchedule.name=cosine"), parseSet("data.name=mnist")] },
  ];
  for (const layers of variants) {
    const config = resolveConfig(layers);
    const values = JSON.parse(JSON.stringify(config));
    expect(resolveConfig({ file: { source: "config.json", values } })).toEqual(config);
    expect(resolveConfig({ preset: "vae-2d", file: { source: "config.json", values } })).toEqual(config);
  }
});

/** What a variational family has where nobody says otherwise. */
const variational = {
  likelihood: "bernoulli",
  sigma: 1,
  posterior: "logVariance",
  divergence: "analytic",
  klWeight: 1,
  freeBits: 0,
  capacity: 0,
  binarisation: "off",
};

test("the preset vae is the VAE of pytorch/examples", () => {
  const config = resolveConfig({});
  expect(config.model).toEqual({
    family: "vae",
    hidden: [400],
    activation: "relu",
    latent: 20,
    initializer: "pytorch",
    ...variational,
  });
  expect(config.training.batchSize).toBe(128);
  expect(config.training.optimizer).toMatchObject({ name: "adam", learningRate: 0.001, epsilon: 1e-8 });
});

test("every preset builds a model, and its config says every option of its family", () => {
  const fields = { x: pixels([28, 28, 1]), label: labels(10) };
  for (const [name, { statement }] of Object.entries(presets)) {
    const { model } = presetConfig(name);
    expect(Object.keys(model)).toEqual(["family", ...Object.keys(statement.options)]);
    expect(buildModel(model, { fields, count: 100 }).parameters.length, name).toBeGreaterThan(0);
  }
});

const isRecord = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

test("each option of each family refuses what breaks it, in its own words", () => {
  for (const [family, { options }] of Object.entries(statements)) {
    for (const [key, { phrase, breaking, default: fallback }] of Object.entries(options)) {
      // Each of them is refused by the families themselves (tests/models/laws.spec.ts).
      for (const value of long ? breaking : breaking.slice(0, 2)) {
        // A part of an object completes the object that the family has.
        if (isRecord(fallback) && isRecord(value)) continue;
        const values = { model: { family, [key]: value } };
        const message = refusal(() => resolveConfig({ file: { source: "my.json", values } }));
        expect(message, `${family} ${key} ${String(value)}`).toMatch(new RegExp(`^my\\.json: model\\.${key}\\b`));
        expect(phrase).not.toBe("");
      }
    }
  }
});

test("a config of version 0.1.0 says the weight of the KL term where it is now", () => {
  const klWeight = { name: "linear", from: 0, to: 2, steps: 100 };
  const values = { model: { family: "vae" }, training: { klWeight, epochs: 3 } };
  const config = resolveConfig({ file: { source: "config.json", values } });
  expect(config.model.klWeight).toEqual(klWeight);
  expect(config.training).not.toHaveProperty("klWeight");
  expect(config.training.epochs).toBe(3);
});

test("a preset is trained on the data that it is for, unless others are named", () => {
  const dataOf = (layers: ConfigLayers) => resolveConfig(layers).data;
  expect(dataOf({ preset: "gan-ring" })).toEqual({ ...DEFAULT_DATA, name: "ring" });
  expect(dataOf({ preset: "memoriser-one" })).toEqual({ ...DEFAULT_DATA, trainCount: 1 });
  expect(dataOf({ preset: "gan-ring", flags: [file] }).name).toBe("series.csv");
  expect(dataOf({ preset: "gan-ring", sets: [parseSet("model.family=vae")] })).toEqual(DEFAULT_DATA);
  expect(refusal(() => dataOf({ preset: "ecg-ae" }))).toBe(
    "--preset ecg-ae needs a table with a series in each row and its class, such as ECG5000 (with --set data.kind=series): name its file with --data.",
  );
  expect(dataOf({ preset: "ecg-ae", flags: [file] })).toEqual({ ...DEFAULT_DATA, name: "series.csv" });
  expect(dataOf({ preset: "ecg-ae", sets: [parseSet("model.family=vae")] })).toEqual(DEFAULT_DATA);
});

test("how the expression table is drawn is said by keys that other data do not have", () => {
  const drawn = { genes: 5668, factors: 3, groups: 4 };
  const sets = Object.entries(drawn).map(([key, value]) => parseSet(`data.${key}=${value}`));
  const config = resolveConfig({ preset: "expression-vae", sets });
  expect(config.data).toEqual({ ...DEFAULT_DATA, name: "expression", ...drawn });
  expect(refusal(() => set("data.genes=50"))).toBe(
    '--set data.genes=50: there is no key data.genes while data.name is "digits".',
  );
  expect(refusal(() => resolveConfig({ preset: "expression-vae", sets: [parseSet("data.genes=0")] }))).toBe(
    "--set data.genes=0: data.genes must be a whole number from 1 to 100000, but it is 0.",
  );
  expect(configWith(config, {}).data).toMatchObject(drawn);
  expect(configWith(config, { data: "ring" }).data).toEqual({ ...DEFAULT_DATA, name: "ring" });
});

test("shapes are as large as the config says, and other data have no such key", () => {
  expect(
    resolveConfig({ preset: "vae", sets: ["name=shapes", "size=32"].map((one) => parseSet(`data.${one}`)) }).data,
  ).toEqual({ ...DEFAULT_DATA, name: "shapes", size: 32 });
  expect(refusal(() => set("data.size=32"))).toBe(
    '--set data.size=32: there is no key data.size while data.name is "digits".',
  );
});

test("one code for all examples is remarked on where there are several", () => {
  const { model } = presetConfig("memoriser-one");
  const remarks = (count: number) => remarksOnModel(model, { fields: { x: pixels([2, 2, 1]) }, count });
  expect(remarks(1)).toEqual([]);
  expect(remarks(200)).toEqual([expect.stringContaining("all 200 training examples have the same code")]);
  expect(remarksOnModel(presetConfig("memoriser").model, { fields: {}, count: 200 })).toEqual([]);
});

test("preset < file < named flags < --set", () => {
  const file = { source: "my.json", values: { model: { latent: 3 }, seed: 3, training: { epochs: 3, batchSize: 3 } } };
  const flags = [{ source: "--seed", values: { seed: 4, training: { batchSize: 4 } } }];
  const sets = [parseSet("training.batchSize=5")];
  const config = resolveConfig({ preset: "vae-2d", file, flags, sets });
  expect(config.model).toMatchObject({ hidden: [512, 256] });
  expect(config.model.latent).toBe(3);
  expect(config.training.epochs).toBe(3);
  expect(config.seed).toBe(4);
  expect(config.training.batchSize).toBe(5);
});

test("another model family brings its own defaults, and refuses the other's keys", () => {
  const model = {
    family: "conv-vae",
    channels: [32, 64],
    dense: 16,
    activation: "relu",
    latent: 2,
    initializer: "glorot",
    normalization: "none",
    dropout: 0,
    ...variational,
  };
  expect(resolveConfig({ preset: "conv-vae" }).model).toEqual(model);
  expect(set("model.family=conv-vae", "model.latent=8").model).toEqual({ ...model, latent: 8 });
  expect(resolveConfig({ preset: "conv-vae", sets: [parseSet("model.family=vae")] }).model).toEqual(
    presetConfig("vae").model,
  );
  const keys = (...texts: string[]) => refusal(() => resolveConfig({ preset: "conv-vae", sets: texts.map(parseSet) }));
  expect(keys("model.hidden=[8]")).toBe(
    '--set model.hidden=[8]: there is no key model.hidden while model.family is "conv-vae".',
  );
  expect(keys("model.chanels=[8]")).toMatch("there is no key model.chanels; did you mean model.channels?");
  expect(keys("model.channels=[]")).toMatch(
    "model.channels must be a list of layer widths such as [32,64], but it is [].",
  );
  expect(keys("model.family=conv-va")).toMatch(
    `model.family must be one of ${Object.keys(statements).join(", ")}, but it is "conv-va"; did you mean conv-vae?`,
  );
  expect(keys("model.normalization=bach")).toMatch(
    'model.normalization must be one of none, batch, layer, group, but it is "bach"; did you mean batch?',
  );
  expect(keys("model.dropout=1")).toMatch("model.dropout must be a number of at least 0 and below 1, but it is 1.");
});

test("the digits get five epochs and other data ten, unless somebody says otherwise", () => {
  expect(resolveConfig({}).training.epochs).toBe(5);
  expect(set("data.name=mnist").training.epochs).toBe(10);
  expect(set("training.epochs=7").training.epochs).toBe(7);
  expect(set("training.epochs=10").training.epochs).toBe(10);
});

test("--set reads numbers, null, lists, objects and plain words", () => {
  const config = set(
    "training.optimizer.learningRate=.5e-3",
    "model.hidden=[512,256]",
    "training.maxSteps=null",
    "model.activation=tanh",
    'model.klWeight={"name":"linear","steps":100}',
  );
  expect(config.training.optimizer.learningRate).toBe(0.0005);
  expect(config.model).toMatchObject({ hidden: [512, 256] });
  expect(config.training.maxSteps).toBe(null);
  expect(config.model.activation).toBe("tanh");
  expect(config.model.klWeight).toEqual({ name: "linear", from: 0, to: 1, steps: 100 });
});

test("a schedule of another name starts from its own defaults, in whatever order --set comes", () => {
  const parts = ["training.learningRateSchedule.name=step", "training.learningRateSchedule.every=100"];
  const expected = { name: "step", every: 100, factor: 0.5 };
  expect(set(...parts).training.learningRateSchedule).toEqual(expected);
  expect(set(...parts.reverse()).training.learningRateSchedule).toEqual(expected);
});

test("changing the optimizer's name keeps the numbers beside it", () => {
  const config = set("training.optimizer.name=sgd", "training.optimizer.learningRate=0.1");
  expect(config.training.optimizer).toMatchObject({ name: "sgd", learningRate: 0.1, momentum: 0 });
});

test("an unknown key is refused with the nearest right one", () => {
  const cases = {
    "training.optimiser.learningRate=1": "training.optimizer",
    "training.optimizer.learningrate=1": "training.optimizer.learningRate",
    "modle.latent=2": "model",
    "batchSize=2": "training.batchSize",
    "latent=2": "model.latent",
    "training.batch_size=2": "training.batchSize",
    'model.klWeight={"name":"constant","valeu":2}': "model.klWeight.value",
  };
  for (const [text, right] of Object.entries(cases)) {
    const message = refusal(() => set(text));
    expect(message).toContain(`--set ${text}: there is no key`);
    expect(message).toContain(`did you mean ${right}?`);
  }
  const file = { source: "my.json", values: { seeed: 1 } };
  expect(refusal(() => resolveConfig({ file }))).toBe("my.json: there is no key seeed; did you mean seed?");
});

test("a key of another schedule is refused with the schedule's name", () => {
  expect(refusal(() => set("model.klWeight.name=constant", "model.klWeight.steps=10"))).toBe(
    '--set model.klWeight.steps=10: there is no key model.klWeight.steps while model.klWeight.name is "constant".',
  );
});

test("a wrong value is refused with its key, what was found and what is allowed", () => {
  const cases: Record<string, string> = {
    "training.batchSize=0": "training.batchSize must be a whole number from 1 to 1048576, but it is 0.",
    "training.batchSize=1.5": "training.batchSize must be a whole number from 1 to 1048576, but it is 1.5.",
    "training.epochs=many": 'training.epochs must be a whole number from 1 to 1000000, but it is "many".',
    "training.maxSteps=-1": "training.maxSteps must be a whole number from 1 to 4294967295, or null, but it is -1.",
    "training.optimizer.learningRate=1e999": "training.optimizer.learningRate must be a number above 0, but it is",
    "training.optimizer.beta1=1": "training.optimizer.beta1 must be a number of at least 0 and below 1, but it is 1.",
    "model.hidden=400": "model.hidden must be a list of layer widths such as [400], but it is 400.",
    "model.hidden=[400,0]": "model.hidden.1 must be a whole number from 1 to 65536, but it is 0.",
    "model.activation=rleu": 'but it is "rleu"; did you mean relu?',
    "model.klWeight.name=linaer":
      'model.klWeight.name must be one of constant, linear, cyclical, but it is "linaer"; did you mean linear?',
    "model.klWeight.name=linear": "model.klWeight.steps is missing.",
    "training.optimizer=adam": 'training.optimizer must be an object, but it is "adam".',
    "host=firefox": 'host must be one of chromium, dawn, but it is "firefox"',
    "data.name=": 'data.name must be a name or a path, but it is "".',
    "seed=4294967296": "seed must be a whole number from 0 to 4294967295, but it is 4294967296.",
  };
  for (const [text, sentence] of Object.entries(cases)) {
    const message = refusal(() => set(text));
    expect(message).toContain(sentence);
    expect(message.startsWith(`--set ${text}: `)).toBe(true);
  }
});

test("--set without a key or a value is refused", () => {
  for (const text of ["", "=3", "seed", ".seed=3", "training..epochs=3", "training.=3"]) {
    expect(refusal(() => parseSet(text))).toContain("--set takes key=value");
  }
});

test("an unknown preset is refused with the nearest one", () => {
  expect(refusal(() => resolveConfig({ preset: "vae2d" }))).toContain("did you mean vae-2d?");
  expect(refusal(() => resolveConfig({ preset: "toString" }))).toContain("there is no preset");
});

test("neither --set nor a file reaches a prototype", () => {
  for (const text of [
    "__proto__.polluted=1",
    "constructor.prototype.polluted=1",
    "model.__proto__.polluted=1",
    "toString=1",
  ]) {
    expect(refusal(() => set(text))).toContain("there is no key");
  }
  const values = JSON.parse('{"__proto__": {"polluted": 1}, "model": {"__proto__": {"latent": 9}}}');
  expect(refusal(() => resolveConfig({ file: { source: "evil.json", values } }))).toContain("there is no key");
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("any JSON as a config either resolves or is refused in one sentence, and never anything else", () => {
  const key = fc.oneof(
    fc.constantFrom(...keysEverywhere.map((path) => path.split(".").pop() ?? ""), "__proto__"),
    fc.string(),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ depthSize: "small" }, fc.jsonValue(), fc.dictionary(key, tie("any"), { noNullPrototype: false })),
  })).any;
  fc.assert(
    fc.property(value, (values) => {
      try {
        resolveConfig({ file: { source: "f", values } });
      } catch (error) {
        expect(error).toBeInstanceOf(ReparamError);
        expect((error as Error).message).not.toContain("undefined");
      }
    }),
    { numRuns: 300 },
  );
});

test("the edit distance counts insertions, deletions, substitutions and swaps", () => {
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("epcohs", "epochs")).toBe(1);
  expect(editDistance("same", "same")).toBe(0);
  expect(nearest("epoch", ["seed", "epochs", "preset"])).toBe("epochs");
  expect(nearest("anything", [])).toBeUndefined();
});
