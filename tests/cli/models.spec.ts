import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { describeMeasures } from "../../src/cli/describe-measures.ts";
import { evaluate } from "../../src/cli/eval.ts";
import { runModelCommand } from "../../src/cli/run-model-command.ts";
import { train } from "../../src/cli/train.ts";
import { modelCommands } from "../../src/cli/use-table.ts";
import { buildModel } from "../../src/config/config.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import { pixels } from "../../src/data/dataset.ts";
import { decodeNpy } from "../../src/formats/npy.ts";
import { encodeSafetensors } from "../../src/formats/safetensors.ts";
import {
  enterTemporaryFolder,
  fakeCheckpoint,
  fakeServices,
  leaveTemporaryFolder,
  madeRun,
  neverInterrupted,
  tinyData,
} from "./support.ts";

const sampling = { count: "4", seed: "7", out: "samples.png" };

const sample = (name: string, options: object, services = fakeServices()) =>
  runModelCommand(modelCommands[0], [name], { ...sampling, ...options }, services);

/** Width and height of a PNG, from its header. */
async function pngSize(path: string): Promise<[number, number]> {
  const bytes = await fs.readFile(path);
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

let made: string;

test.beforeAll(async () => {
  await enterTemporaryFolder();
  made = process.cwd();
  const options = { batchSize: "4", epochs: "2", out: "runs/one", set: ["model.latent=3"] };
  await train(undefined, options, fakeServices(), neverInterrupted);
});
test.beforeEach(async () => {
  await enterTemporaryFolder();
  await fs.cp(made, ".", { recursive: true, preserveTimestamps: true });
});
test.afterEach(leaveTemporaryFolder);
test.afterAll(() => fs.rm(made, { recursive: true }));

test("a run folder, last, a checkpoint and a moved file all name a model", async () => {
  await fs.copyFile("runs/one/final.safetensors", "moved.safetensors");
  const last = await fs.readFile("runs/one/checkpoints/last");
  const first = await fs.readFile("runs/one/checkpoints/epoch=0001-step=3.safetensors");
  const cases: [string, Buffer][] = [
    ["runs/one", last],
    ["last", last],
    ["runs/one/checkpoints/last", last],
    ["runs/one/checkpoints/epoch=0001-step=3.safetensors", first],
    ["moved.safetensors", last],
  ];
  for (const [name, bytes] of cases) {
    const services = fakeServices();
    expect(await sample(name, sampling, services)).toBe(0);
    expect(Buffer.from(services.jobs[0].blobs!.checkpoint)).toEqual(bytes);
    expect(services.jobs[0].body).toMatchObject({ kind: "use", use: "sample", count: 4, seed: 7 });
    expect(services.jobs[0].body).toMatchObject({ config: { model: { latent: 3 } } });
  }
  const [width, height] = await pngSize("samples.png");
  expect(width).toBe(height);
});

test("a run whose checkpoints were removed is used by its final weights", async () => {
  await fs.rm("runs/one/checkpoints", { recursive: true });
  expect(await sample("runs/one", sampling, fakeServices())).toBe(0);
});

test("eval prints sentences, or one line of JSON", async () => {
  const [people, machine] = [fakeServices(), fakeServices()];
  await evaluate("last", {}, people);
  expect(people.terminal.out()).toBe(
    [
      "tiny: loss 100.00 nats, reconstruction 80.00 nats, kl 20.00 nats, 5 examples",
      "reconstructions: mean squared error 0.01235 a number",
      "codes: 2 of 3 numbers active; each holds 2.00 0.01 0.50 nats",
      "drawn from the posteriors: means within 0.20 of 0, deviations 0.50 to 1.20, 0.50 nats from N(0, 1)",
      "",
    ].join("\n"),
  );
  await evaluate("last", { json: true }, machine);
  expect(JSON.parse(machine.terminal.out())).toMatchObject({
    event: "evaluation",
    data: "tiny",
    count: 5,
    test: { loss: 100, reconstruction: 80, kl: 20 },
    measures: { meanSquaredError: 0.0123456, posterior: { activeUnits: 2, kl: [2, 0.005, 0.5] } },
  });
});

test("eval says of codes that are bits how many of the nearest have the same class", () => {
  const retrieval = { bits: 16, nearest: 100, precision: 0.6234, principalComponents: 0.4512 };
  expect(describeMeasures({ retrieval })).toEqual([
    "retrieval: of the 100 nearest by 16 bits, 62.3 % have the same class, by bits of principal components 45.1 %",
  ]);
});

test("eval gives the job the classes where codes are bits, and not where a model has no need of them", async () => {
  const onlyImages = { x: tinyData.fields.x };
  const sent = async (preset: string) => {
    const services = fakeServices();
    await madeRun(preset, { preset }, onlyImages);
    await evaluate(preset, {}, services);
    return Object.keys(services.jobs[0].body.fields as object);
  };
  expect(await sent("semantic-hashing")).toContain("label");
  expect(await sent("ae")).not.toContain("label");
});

test("eval --samples says ln p(x) too, and a model that has none is refused before a browser starts", async () => {
  const [people, machine, refused] = [fakeServices(), fakeServices(), fakeServices()];
  await evaluate("last", { samples: "512" }, people);
  expect(people.jobs[0].body).toMatchObject({ kind: "evaluate", samples: 512 });
  expect(people.terminal.out()).toMatch(/kl 20\.00 nats, ln p\(x\) -90\.00 nats by 512 codes, 5 examples\n/);
  await evaluate("last", { samples: "512", json: true }, machine);
  expect(JSON.parse(machine.terminal.out())).toMatchObject({ logLikelihood: { mean: -90, samples: 512 } });
  await madeRun("plain", { preset: "ae" });
  await expect(evaluate("plain", { samples: "512" }, refused)).rejects.toThrow("does not say how likely an example is");
  await expect(evaluate("last", { samples: "0" }, refused)).rejects.toThrow("--samples must be a whole number from 1");
});

test("eval --per-example writes the terms of each example, in order, and says their names", async () => {
  const [csv, npy] = [fakeServices(), fakeServices()];
  await evaluate("last", { perExample: "losses.csv" }, csv);
  const lines = (await fs.readFile("losses.csv", "utf8")).split("\n");
  expect(lines).toHaveLength(7);
  expect(lines.slice(0, 3)).toEqual(["example,loss,reconstruction,kl", "0,0,0.5,1", "1,1.5,2,2.5"]);
  expect(csv.terminal.out()).toContain("losses.csv: loss, reconstruction, kl of 5 examples\n");
  await evaluate("last", { perExample: "losses.npy", split: "all", json: true }, npy);
  const { shape, data } = decodeNpy(await fs.readFile("losses.npy"), "losses.npy");
  expect(shape).toEqual([17, 3]);
  expect(data[4]).toBe(2);
  expect(JSON.parse(npy.terminal.out())).toMatchObject({
    perExample: { file: "losses.npy", terms: ["loss", "reconstruction", "kl"] },
  });
});

test("eval without --per-example asks for no terms of examples, and refuses other files before a browser starts", async () => {
  const services = fakeServices();
  await evaluate("last", {}, services);
  expect(services.jobs[0].body).toMatchObject({ perExample: false });
  const refused = fakeServices();
  await expect(evaluate("last", { perExample: "losses.txt" }, refused)).rejects.toThrow(
    '--per-example must name a .csv or .npy file, but it is "losses.txt".',
  );
  expect(refused.opened).toEqual([]);
});

test("--host and --data-dir are passed on, and the run folder remembers where its data lay", async () => {
  const directories: (string | undefined)[] = [];
  const noting = () => ({
    ...fakeServices(),
    loadDataset: async (_name: string, { directory }: { directory?: string }) => {
      directories.push(directory);
      return tinyData;
    },
  });
  await train(undefined, { batchSize: "4", epochs: "1", out: "two", dataDir: "data" }, noting(), neverInterrupted);
  const services = noting();
  await evaluate("two", { host: "dawn" }, services);
  await evaluate("two", { dataDir: "elsewhere" }, noting());
  await evaluate("two/final.safetensors", {}, noting());
  await evaluate("two/checkpoints/best", {}, noting());
  await fs.copyFile("two/final.safetensors", "moved.safetensors");
  await evaluate("moved.safetensors", {}, noting());
  expect(services.opened).toEqual(["dawn"]);
  expect(directories).toEqual([
    `${process.cwd()}/data`,
    `${process.cwd()}/data`,
    "elsewhere",
    ...[1, 2].map(() => `${process.cwd()}/data`),
    undefined,
  ]);
});

test("what else is called config.json beside a moved file is none of its own; a run's host is kept", async () => {
  await fs.mkdir("elsewhere");
  await fs.copyFile("runs/one/final.safetensors", "elsewhere/moved.safetensors");
  for (const text of ["{}", "[1", '{"data":{"name":"mnist","directory":"/x"}}']) {
    await fs.writeFile("elsewhere/config.json", text);
    const services = fakeServices();
    expect(await sample("elsewhere/moved.safetensors", {}, services)).toBe(0);
    expect(services.jobs[0].body).toMatchObject({ config: { data: { directory: null } } });
  }
  await madeRun("dawn", { flags: [{ source: "--host", values: { host: "dawn" } }] });
  const services = fakeServices();
  await sample("dawn", {}, services);
  expect(services.opened).toEqual(["dawn"]);
});

test("without --data a model is used on the part of its data that it was tested on, with --data on all of it", async () => {
  const options = { batchSize: "4", epochs: "1", out: "part", set: ["data.testCount=2"] };
  await train(undefined, options, fakeServices(), neverInterrupted);
  const [own, other] = [fakeServices(), fakeServices()];
  await evaluate("part", {}, own);
  await evaluate("part", { data: "tiny" }, other);
  expect(own.jobs[0].body).toMatchObject({ count: 2 });
  expect(other.jobs[0].body).toMatchObject({ count: 5 });
});

test("a model that is missing, damaged, foreign or of other data is refused before a browser starts", async () => {
  await fs.mkdir("empty");
  await fs.writeFile("torn.safetensors", (await fs.readFile("runs/one/final.safetensors")).subarray(0, 100));
  const weight = { dtype: "F32", shape: [1], data: new Float32Array(1) } as const;
  await fs.writeFile("foreign.safetensors", encodeSafetensors({ weight }, {}));
  await fs.writeFile("other.safetensors", fakeCheckpoint(resolveConfig({}), { x: pixels([3, 3, 1]) }, 1));
  await fs.writeFile("lying.safetensors", fakeCheckpoint(resolveConfig({}), { x: { ...pixels([1]), shape: [-1] } }, 1));
  const cases: [string, string, RegExp][] = [
    ["nowhere", "usage", /There is no run folder or checkpoint nowhere/],
    ["empty", "usage", /empty holds neither checkpoints nor final\.safetensors/],
    ["torn.safetensors", "checkpoint", /torn\.safetensors/],
    ["foreign.safetensors", "checkpoint", /does not say what model it holds, .*--config/],
    ["lying.safetensors", "checkpoint", /impossible fields/],
    ["other.safetensors", "data", /Examples of tiny are 2x2x1, but other\.safetensors was trained on 3x3x1/],
  ];
  for (const [name, code, message] of cases) {
    const services = fakeServices();
    const error = await evaluate(name, {}, services).catch((caught) => caught);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(services.opened).toEqual([]);
  }
});

test("--config says what a file of weights from elsewhere holds, and what does not fit it is named", async () => {
  const config = resolveConfig({ sets: [{ source: "a test", values: { model: { latent: 2, hidden: [3] } } }] });
  await fs.writeFile("config.json", JSON.stringify(config));
  const made = { fields: tinyData.fields, count: tinyData.train.count };
  const tensors = Object.fromEntries(
    buildModel(config.model, made).parameters.map(({ name, shape, initialize }) => {
      return [name, { dtype: "F32", shape: [...shape], data: initialize(1) as Float32Array<ArrayBuffer> } as const];
    }),
  );
  await fs.writeFile("weights.safetensors", encodeSafetensors(tensors, {}));
  const services = fakeServices();
  expect(await sample("weights.safetensors", { config: "config.json" }, services)).toBe(0);
  expect(services.jobs[0].body).toMatchObject({ use: "sample", config, fields: { x: tinyData.fields.x } });
  expect(await evaluate("weights.safetensors", { config: "config.json" }, fakeServices())).toBe(0);

  // As PyTorch has it: [out, in].
  const weight = tensors["encoder.0.weight"];
  const turned = { ...weight, shape: weight.shape.toReversed() };
  await fs.writeFile("turned.safetensors", encodeSafetensors({ ...tensors, "encoder.0.weight": turned }, {}));
  const { "decoder.out.bias": _, ...fewer } = tensors;
  await fs.writeFile("fewer.safetensors", encodeSafetensors(fewer, {}));
  for (const [file, message] of [
    ["turned.safetensors", /"encoder\.0\.weight" is F32 \[3,4\] there and F32 \[4,3\] here/],
    ["fewer.safetensors", /it has no "decoder\.out\.bias"/],
  ] as const) {
    const refused = fakeServices();
    const error = await sample(file, { config: "config.json" }, refused).catch((caught) => caught);
    expect(error).toMatchObject({ code: "checkpoint", message: expect.stringMatching(message) });
    expect(refused.opened).toEqual([]);
  }
});

test("an output that cannot be written, or of another kind, is refused before a browser starts", async () => {
  const services = fakeServices();
  const use = (out: string) => sample("last", { ...sampling, out }, services);
  await expect(use("samples.jpg")).rejects.toThrow(
    '--out must name a .npy, .csv or .png file, but it is "samples.jpg".',
  );
  await expect(use("no/such/folder/samples.png")).rejects.toMatchObject({ code: "usage" });
  await expect(sample("last", { ...sampling, count: "0" }, services)).rejects.toThrow(/--count must be a whole number/);
  await expect(sample("last", { ...sampling, seed: "x" }, services)).rejects.toThrow(/--seed must be a whole number/);
  expect(services.opened).toEqual([]);
});

test("--best is the best checkpoint of a run folder", async () => {
  const services = fakeServices();
  await fs.rm("runs/one/checkpoints/best");
  await fs.symlink("epoch=0001-step=3.safetensors", "runs/one/checkpoints/best");
  await sample("runs/one", { best: true }, services);
  const first = await fs.readFile("runs/one/checkpoints/epoch=0001-step=3.safetensors");
  expect(Buffer.from(services.jobs[0].blobs!.checkpoint)).toEqual(first);
});

test("a checkpoint of 0.1.0, which says a shape instead of fields and a klWeight of the training, is used", async () => {
  const { model, training, ...rest } = resolveConfig({});
  const { klWeight: _, ...oldModel } = model;
  const config = { ...rest, model: oldModel, training: { ...training, klWeight: { name: "constant", value: 4 } } };
  const metadata = { format: "reparam 1", config: JSON.stringify(config), shape: "[2,2,1]" };
  const weight = { dtype: "F32", shape: [1], data: new Float32Array(1) } as const;
  await fs.writeFile("old.safetensors", encodeSafetensors({ weight }, metadata));
  const services = fakeServices();
  expect(await sample("old.safetensors", {}, services)).toBe(0);
  expect(services.jobs[0].body).toMatchObject({
    config: { model: { family: "vae", klWeight: { name: "constant", value: 4 } } },
    fields: { x: pixels([2, 2, 1]) },
  });
});
