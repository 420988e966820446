import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { evaluate } from "../../src/cli/eval.ts";
import { processServices } from "../../src/cli/process-services.ts";
import { runModelCommand } from "../../src/cli/run-model-command.ts";
import { train } from "../../src/cli/train.ts";
import { modelCommands } from "../../src/cli/use-table.ts";
import { encodeNpy } from "../../src/formats/npy.ts";
import { encodePng } from "../../src/formats/png.ts";
import type { EvaluateJob, TrainJob, UseJob } from "../../src/jobs/messages.ts";
import { valuesIn } from "../../src/jobs/send.ts";
import { enterTemporaryFolder, fakeServices, leaveTemporaryFolder, neverInterrupted } from "./support.ts";

// People's files through the commands: read as they are, on a host that only pretends.

const services = () => ({ ...fakeServices(), loadDataset: processServices(() => false).loadDataset });

test.beforeEach(enterTemporaryFolder);
test.afterEach(leaveTemporaryFolder);

/** Trains and returns the job that the host was given, and what the person was told. */
async function trained(data: string, set: string[] = [], out = "run") {
  const own = services();
  const settings = ["model.loss=squared", "training.epochs=1", ...set];
  await train(undefined, { preset: "ae", data, out, set: settings }, own, neverInterrupted);
  return { job: own.jobs[0].body as unknown as TrainJob, blobs: own.jobs[0].blobs!, told: own.terminal.out() };
}

async function encoded(options: { data?: string; split?: string }, name = "encode") {
  const own = services();
  const command = modelCommands.find(({ use }) => use === name)!;
  await runModelCommand(command, ["run"], { seed: "1", out: "codes.npy", ...options }, own);
  const job = own.jobs[0].body as unknown as UseJob;
  return { job, x: [...valuesIn(own.jobs[0].blobs!["input x"], job.fields.x)] };
}

const table = (rows: readonly string[], header = "id,a,b,label") => [header, ...rows, ""].join("\n");

test("a table trains with what was said of it, and all of that is told and kept", async () => {
  await fs.writeFile("t.csv", table(["1,0,5,x", "2,1,5,y", "3,2,5,x", "4,3,5,x"]));
  const { job, blobs, told } = await trained("t.csv", ['data.ignore=["id"]', "data.scale=unit"]);
  const { x, label } = job.dataset.fields;
  expect(x).toMatchObject({ kind: "vector", shape: [2], store: "f32", names: ["a", "b"] });
  expect(label).toMatchObject({ classes: 2, names: ["x", "y"] });
  expect([job.dataset.trainCount, job.dataset.testCount]).toEqual([3, 1]);
  const values = [...valuesIn(blobs["train x"], x), ...valuesIn(blobs["test x"], x)];
  const { center, spread } = x.scaling!;
  expect([center[1], spread[1]]).toEqual([5, 1]);
  expect(values.filter((_, i) => i % 2 === 1)).toEqual([0, 0, 0, 0]);
  const as = values.filter((_, i) => i % 2 === 0).map((value) => value * spread[0] + center[0]);
  expect(as.toSorted()).toEqual([0, 1, 2, 3]);
  for (const line of [
    "note     t.csv: columns have names: a, b",
    "note     t.csv: the class is in column label",
    "note     held out for the test: 1 of 4 examples, which data.seed selects",
    "note     always the same in the training examples: column b",
  ]) {
    expect(told).toContain(`${line}\n`);
  }
  const config = JSON.parse(await fs.readFile("run/config.json", "utf8"));
  expect(config.data).toMatchObject({ ignore: ["id"], scale: "unit", label: null, missing: "refuse" });
});

test("examples of channels that no picture has train, and it is said why there are no pictures", async () => {
  const array = (shape: number[]) =>
    encodeNpy({ shape, data: new Uint8Array(shape.reduce((product, extent) => product * extent)) });
  const line = "note     no pictures are made of examples of 2x3x5: pictures have 1, 3 or 4 channels, not 5\n";
  await fs.writeFile("five.npy", array([4, 2, 3, 5]));
  expect((await trained("five.npy")).told).toContain(line);
  await fs.writeFile("three.npy", array([4, 2, 5, 3]));
  expect((await trained("three.npy", [], "other")).told).not.toContain("no pictures");
});

test("other tables get the scale, the columns and the classes that the model was trained with", async () => {
  await fs.writeFile("train.csv", table(["1,0,0,x", "2,2,4,y"]));
  await fs.mkdir("set");
  await fs.rename("train.csv", "set/train.csv");
  await fs.writeFile("set/test.csv", table(["3,1,1,y"]));
  await trained("set", ['data.ignore=["id"]', "data.scale=unit"]);
  // Its own test split: a in 0..2, b in 0..4.
  expect((await encoded({})).x).toEqual([0.5, 0.25]);
  // Other columns, another order, no classes, another range.
  await fs.writeFile("new.csv", "b,more,a\n8,1,6\n4,2,2\n");
  expect((await encoded({ data: "new.csv", split: "all" })).x).toEqual([3, 2, 1, 1]);
  await fs.writeFile("bad.csv", "a,c\n1,2\n3,4\n");
  await expect(encoded({ data: "bad.csv" })).rejects.toThrow(
    'bad.csv has no column "b", which is trained on; did you mean "a"? It has a, c.',
  );
});

test("a class that a conditional model does not know is refused by its name; those it knows keep their numbers", async () => {
  await fs.writeFile("t.csv", table(["1,0,0,x", "2,1,4,y", "3,1,1,z", "4,0,1,x"]));
  const own = services();
  const options = { preset: "cvae", data: "t.csv", out: "run", set: ["training.epochs=1", "data.scale=unit"] };
  await train(undefined, options, own, neverInterrupted);
  await fs.writeFile("new.csv", table(["1,0,0,z", "2,1,4,z"]));
  const other = services();
  await evaluate("run", { data: "new.csv", split: "all" }, other);
  const { fields } = other.jobs[0].body as unknown as EvaluateJob;
  expect([...valuesIn(other.jobs[0].blobs!["test label"], fields.label)]).toEqual([2, 2]);
  await fs.writeFile("new.csv", table(["1,0,0,z", "2,1,4,w"]));
  await expect(evaluate("run", { data: "new.csv" }, services())).rejects.toThrow(
    'new.csv: the label of line 3, column label, is "w", and the model knows the classes x, y, z.',
  );
});

test("--split all has every row of a file in the file's order", async () => {
  const rows = Array.from({ length: 40 }, (_, k) => 3 * k);
  await fs.writeFile("x.npy", encodeNpy({ shape: [40, 1], data: Float32Array.from(rows) }));
  const { job } = await trained("x.npy");
  expect([job.dataset.trainCount, job.dataset.testCount]).toEqual([36, 4]);
  expect((await encoded({ split: "all" })).x).toEqual(rows);
  const held = (await encoded({ split: "test" })).x;
  expect(held).toHaveLength(4);
  expect([...(await encoded({ split: "train" })).x, ...held].toSorted((a, b) => a - b)).toEqual(rows);
});

test("a folder of images is found from anywhere, and its first misfit is named before a run folder is made", async () => {
  const png = (value: number, width = 2) =>
    encodePng({ width, height: 2, channels: 1, pixels: new Uint8Array(2 * width).fill(value) });
  for (const [path, bytes] of [
    ["photos/cat/1.png", png(1)],
    ["photos/cat/2.png", png(2)],
    ["photos/dog/1.png", png(3)],
  ] as const) {
    await fs.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await fs.writeFile(path, bytes);
  }
  const { job } = await trained("photos");
  expect(job.dataset.fields).toMatchObject({
    x: { kind: "image", shape: [2, 2, 1] },
    label: { names: ["cat", "dog"] },
  });
  await fs.mkdir("elsewhere");
  process.chdir("elsewhere");
  const own = services();
  await evaluate("../run", { split: "all" }, own);
  process.chdir("..");
  expect(own.terminal.out()).toContain("3 examples");
  await fs.writeFile("photos/dog/2.png", png(4, 3));
  await expect(trained("photos", [], "again")).rejects.toThrow(
    /dog\/2\.png is 3 x 2, grey, and .*cat\/1\.png is 2 x 2, grey: /,
  );
  expect(await fs.readdir(".")).not.toContain("again");
});
