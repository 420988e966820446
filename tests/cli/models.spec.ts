import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { encode } from "../../src/cli/encode.ts";
import { evaluate } from "../../src/cli/eval.ts";
import { reconstruct } from "../../src/cli/reconstruct.ts";
import { sample } from "../../src/cli/sample.ts";
import { train } from "../../src/cli/train.ts";
import { decodeNpy } from "../../src/formats/npy.ts";
import { encodeSafetensors } from "../../src/formats/safetensors.ts";
import { resolveConfig } from "../../src/train/resolve.ts";
import {
  enterTemporaryFolder,
  fakeCheckpoint,
  fakeServices,
  leaveTemporaryFolder,
  neverInterrupted,
  tinyData,
} from "./support.ts";

const sampling = { count: "4", seed: "7", out: "samples.png" };

/** Width and height of a PNG, from its header. */
async function pngSize(path: string): Promise<[number, number]> {
  const bytes = await fs.readFile(path);
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test.beforeEach(async () => {
  await enterTemporaryFolder();
  const options = { batchSize: "4", epochs: "2", out: "runs/one", set: ["model.latent=3"] };
  await train(undefined, options, fakeServices(), neverInterrupted);
});
test.afterEach(leaveTemporaryFolder);

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
    expect(services.jobs[0].body).toMatchObject({ kind: "sample", count: 4, seed: 7, shape: [2, 2, 1] });
    expect(services.jobs[0].body).toMatchObject({ config: { model: { latent: 3 } } });
  }
  const [width, height] = await pngSize("samples.png");
  expect(width).toBe(height);
});

test("a run whose checkpoints were removed is used by its final weights", async () => {
  await fs.rm("runs/one/checkpoints", { recursive: true });
  expect(await sample("runs/one", sampling, fakeServices())).toBe(0);
});

test("reconstruct shows as many test examples as asked for, and at most all", async () => {
  const services = fakeServices();
  expect(await reconstruct("last", { count: "32", out: "pairs.png" }, services)).toBe(0);
  expect(services.jobs[0].body).toMatchObject({ kind: "reconstruct", dataset: { name: "tiny", count: 5 } });
  expect(services.jobs[0].blobs!.examples).toEqual(tinyData.test.examples);
  expect((await pngSize("pairs.png"))[0]).toBeGreaterThan(0);
});

test("encode writes one float32 code an example as a NumPy array", async () => {
  expect(await encode("last", { out: "codes.npy" }, fakeServices())).toBe(0);
  const codes = decodeNpy(await fs.readFile("codes.npy"), "codes.npy");
  expect(codes.shape).toEqual([5, 3]);
  expect(codes.data).toEqual(new Float32Array(15).fill(1));
});

test("eval prints a sentence, or one line of JSON", async () => {
  const [people, machine] = [fakeServices(), fakeServices()];
  await evaluate("last", {}, people);
  expect(people.terminal.out()).toBe(
    "tiny: test loss 100.00 (reconstruction 80.00, KL 20.00) nats an example, 5 examples\n",
  );
  await evaluate("last", { json: true }, machine);
  expect(JSON.parse(machine.terminal.out())).toMatchObject({
    event: "evaluation",
    data: "tiny",
    count: 5,
    test: { loss: 100, reconstruction: 80, kl: 20 },
  });
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
  expect(services.opened).toEqual(["dawn"]);
  expect(directories).toEqual([`${process.cwd()}/data`, `${process.cwd()}/data`, "elsewhere", undefined]);
});

test("without --data a model is used on the part of its data that it was tested on, with --data on all of it", async () => {
  const options = { batchSize: "4", epochs: "1", out: "part", set: ["data.testCount=2"] };
  await train(undefined, options, fakeServices(), neverInterrupted);
  const [own, other] = [fakeServices(), fakeServices()];
  await evaluate("part", {}, own);
  await evaluate("part", { data: "tiny" }, other);
  expect(own.jobs[0].body).toMatchObject({ dataset: { count: 2 } });
  expect(other.jobs[0].body).toMatchObject({ dataset: { count: 5 } });
});

test("a model that is missing, damaged, foreign or of other data is refused before a browser starts", async () => {
  await fs.mkdir("empty");
  await fs.writeFile("torn.safetensors", (await fs.readFile("runs/one/final.safetensors")).subarray(0, 100));
  const weight = { dtype: "F32", shape: [1], data: new Float32Array(1) } as const;
  await fs.writeFile("foreign.safetensors", encodeSafetensors({ weight }, {}));
  await fs.writeFile("other.safetensors", fakeCheckpoint(resolveConfig({}), [3, 3, 1], 1));
  await fs.writeFile("lying.safetensors", fakeCheckpoint(resolveConfig({}), [-1], 1));
  const cases: [string, string, RegExp][] = [
    ["nowhere", "usage", /There is no run folder or checkpoint nowhere/],
    ["empty", "usage", /empty holds neither checkpoints nor final\.safetensors/],
    ["torn.safetensors", "checkpoint", /torn\.safetensors/],
    ["foreign.safetensors", "checkpoint", /reparam train did not write it/],
    ["lying.safetensors", "checkpoint", /impossible shape/],
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

test("an output that cannot be written, or of another kind, is refused before a browser starts", async () => {
  const services = fakeServices();
  const use = (out: string) => sample("last", { ...sampling, out }, services);
  await expect(use("samples.jpg")).rejects.toThrow('--out must name a .png file, but it is "samples.jpg".');
  await expect(use("no/such/folder/samples.png")).rejects.toMatchObject({ code: "usage" });
  await expect(sample("last", { ...sampling, count: "0" }, services)).rejects.toThrow(/--count must be a whole number/);
  await expect(sample("last", { ...sampling, seed: "x" }, services)).rejects.toThrow(/--seed must be a whole number/);
  expect(services.opened).toEqual([]);
});
