import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { evaluate } from "../../src/cli/eval.ts";
import { train } from "../../src/cli/train.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { TrainJob } from "../../src/jobs/messages.ts";
import {
  enterTemporaryFolder,
  fakeServices,
  leaveTemporaryFolder,
  madeRun,
  neverInterrupted,
  tinyData,
} from "./support.ts";

const tiny = { source: "--data", values: { data: { name: "tiny" } } };
const trainClass = { source: "--set", values: { data: { trainClass: 0 } } };

/** Training scores of 1 and 3, so a threshold of 3; the test examples are of the classes 0 to 4. */
const score = (count: number) =>
  count === 12 ? Float32Array.from({ length: 12 }, (_, row) => 1 + 2 * (row % 2)) : Float32Array.of(1, 5, 2, 4, 6);
const results = { score };

test.beforeEach(async () => {
  await enterTemporaryFolder();
  await madeRun("one", { preset: "ecg-ae", flags: [tiny], sets: [trainClass] });
  await madeRun("all", { preset: "ecg-ae", flags: [tiny] });
  await madeRun("gan", { preset: "gan" });
});
test.afterEach(leaveTemporaryFolder);

test("eval --anomaly judges by the training scores of the class that is normal", async () => {
  for (const [name, normal] of [
    ["one", undefined],
    ["all", "0"],
  ] as const) {
    const [people, machine] = [fakeServices({ results }), fakeServices({ results })];
    expect(await evaluate(name, { anomaly: true, normal, out: "x.png" }, people)).toBe(0);
    expect(people.terminal.out()).toBe(
      [
        "tiny: 5 examples, 1 of them normal (class 0)",
        "threshold 3.000: a deviation above the mean of 12 training scores",
        "accuracy 80.00 %, of normal: precision 50.00 %, recall 100.00 %",
        "area under the ROC 1.0000",
        "x.png: the scores\n",
      ].join("\n"),
    );
    expect((await fs.readFile("x.png")).subarray(1, 4).toString()).toBe("PNG");
    await evaluate(name, { anomaly: true, normal, json: true }, machine);
    expect(JSON.parse(machine.terminal.out())).toMatchObject({
      event: "anomaly",
      data: "tiny",
      normal: "0",
      count: 5,
      normalCount: 1,
      threshold: 3,
      accuracy: 0.8,
      precision: 0.5,
      recall: 1,
      area: 1,
    });
    expect(await fs.stat("scores.png")).toBeTruthy();
  }
});

test("what is normal has to be known, and to be there; other flags and models do not go with it", async () => {
  const services = fakeServices({ results });
  const judge = (name: string, options: object) => evaluate(name, options, services);
  await expect(judge("all", { anomaly: true })).rejects.toThrow(
    "--anomaly has to know which class is normal: name it with --normal.",
  );
  await expect(judge("all", { anomaly: true, normal: "9" })).rejects.toThrow(
    "tiny has no class 9; it has 0, 1, 2, 3, 4.",
  );
  await expect(judge("all", { anomaly: true, normal: "1" })).rejects.toThrow("no training example of class 1.");
  await expect(judge("gan", { anomaly: true, normal: "0" })).rejects.toThrow("which has no use score; it has sample.");
  await expect(judge("all", { normal: "1" })).rejects.toThrow("--normal goes with --anomaly.");
  await expect(judge("all", { out: "x.png" })).rejects.toThrow("--out goes with --anomaly.");
  expect(services.opened).toEqual([]);
});

test("data.trainClass trains on the examples of a class alone, and sends those that statistics are fitted to beside them", async () => {
  const label = Uint8Array.from({ length: 12 }, (_, row) => row % 3);
  const data: Dataset = { ...tinyData, train: { count: 12, values: { ...tinyData.train.values, label } } };
  const services = fakeServices({ data });
  const options = { preset: "ecg-ae", data: "tiny", set: ["data.trainClass=1"], out: "runs/one", quiet: true };
  expect(await train(undefined, options, services, neverInterrupted)).toBe(0);
  const [job] = services.jobs;
  const { dataset, config } = job.body as unknown as TrainJob;
  expect(dataset).toMatchObject({ trainCount: 4, fittedCount: 12, testCount: 5 });
  expect(config.training.batchSize).toBe(4);
  expect([...job.blobs!["train label"]]).toEqual([1, 1, 1, 1]);
  expect([...job.blobs!["train x"].subarray(0, 4)]).toEqual([...data.train.values.x.subarray(4, 8)]);
  expect([...job.blobs!["fitted x"]]).toEqual([...data.train.values.x]);
  await expect(
    train(undefined, { ...options, set: ["data.trainClass=-1"], out: "runs/two" }, fakeServices(), neverInterrupted),
  ).rejects.toThrow("data.trainClass must be a class's name or number, or null, but it is -1.");
});
