import fs from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { Command } from "commander";
import { describeFamily } from "../../src/cli/family-help.ts";
import { planRun } from "../../src/cli/plan-run.ts";
import { remarksOnResume } from "../../src/cli/resume.ts";
import { defineTrain } from "../../src/cli/train-command.ts";
import { optionOf, trainFlags } from "../../src/cli/train-flags.ts";
import type { TrainOptions } from "../../src/cli/train-options.ts";
import { presets, statements } from "../../src/config/presets.ts";
import { enterTemporaryFolder, leaveTemporaryFolder, madeRun } from "./support.ts";

test.beforeEach(enterTemporaryFolder);
test.afterEach(leaveTemporaryFolder);

test("the help of train has every flag, family and preset", () => {
  const command = new Command("train");
  let text = "";
  defineTrain(command, async () => {});
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  for (const { flags, help } of trainFlags) {
    expect(text).toContain(flags);
    expect(text.replace(/\s+/g, " ")).toContain(help);
  }
  for (const [name, { summary }] of Object.entries({ ...statements, ...presets })) {
    expect(text).toMatch(new RegExp(`^  ${name} +${summary.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`, "m"));
  }
});

test("--help beside a preset says what --explain does, beside the flags", () => {
  const helpOf = (...args: string[]) => {
    const command = new Command("train").exitOverride();
    let text = "";
    defineTrain(command, async () => {});
    command.configureOutput({ writeOut: (part) => (text += part) });
    expect(() => command.parse(args, { from: "user" })).toThrow("(outputHelp)");
    return text;
  };
  for (const args of [
    ["--preset", "gan", "--help"],
    ["--help", "--preset", "gan"],
  ]) {
    expect(helpOf(...args)).toContain(describeFamily("gan"));
    expect(helpOf(...args)).toContain("--preset <name>");
  }
  expect(helpOf("--help")).toContain("Presets:");
  expect(helpOf("--preset", "gun", "--help")).toContain("Presets:");
});

for (const statement of Object.values(statements)) {
  test(`--explain ${statement.name} has its words, formula and source, and of every option name, default, phrase and help`, () => {
    const text = describeFamily(statement.name);
    const { words, formula, source, options } = statement;
    for (const part of [words, formula, source]) expect(text).toContain(part);
    for (const [name, { phrase, default: fallback, help }] of Object.entries(options)) {
      const line = text.split("\n").find((candidate) => candidate.startsWith(`  model.${name} `))!;
      for (const part of [JSON.stringify(fallback), phrase, help]) expect(line).toContain(part);
    }
    for (const preset of Object.keys(statement.presets)) expect(describeFamily(preset)).toBe(text);
  });
}

test("--explain of what there is not names the nearest", () => {
  expect(() => describeFamily("vea")).toThrow("There is no family or preset vea; did you mean vae?");
});

for (const flag of trainFlags.filter(({ fixed }) => fixed)) {
  const name = flag.flags.split(" ")[0];
  test(`a resumed run refuses ${name}, which would make it another one`, async () => {
    await madeRun("run", {});
    const options = { resume: "run", [optionOf(flag).attributeName()]: "1" };
    await expect(planRun(undefined, options)).rejects.toThrow(
      `A resumed run keeps its own settings, so --resume cannot go with ${name}; only `,
    );
  });
}

test("a resumed run takes how long it lasts and what it writes, by flags and by --set", async () => {
  await madeRun("run", { sets: [{ source: "", values: { training: { earlyStopping: {} } } }] });
  const set = ["training.earlyStopping.patience=9", "training.checkpointEvery=2"];
  const { config, resumed } = await planRun(undefined, { resume: "run", epochs: "30", host: "dawn", set });
  expect(config).toMatchObject({ host: "dawn", training: { epochs: 30, checkpointEvery: 2 } });
  expect(config.training.earlyStopping).toMatchObject({ patience: 9 });
  expect(resumed).toMatchObject({ run: "run", from: { step: 3 } });
  const without = await planRun(undefined, { resume: "run", set: ["training.earlyStopping=null"] });
  expect(without.config.training.earlyStopping).toBeNull();
  for (const text of ["model.latent=3", "training.optimizer.learningRate=1", "training.epochsX=3"]) {
    await expect(planRun(undefined, { resume: "run", set: [text] })).rejects.toThrow(`cannot go with --set ${text}`);
  }
});

test("a schedule over the length of a run is stretched by another length, and that is said once", async () => {
  const cosine = { source: "", values: { training: { learningRateSchedule: { name: "cosine" } } } };
  const cyclical = { source: "", values: { model: { klWeight: { name: "cyclical" } } } };
  const remarks = async (sets: (typeof cosine | typeof cyclical)[], options: object) => {
    await madeRun("run", { sets });
    return remarksOnResume(await planRun(undefined, { resume: "run", ...options }));
  };
  const stretched = (what: string) => [
    `note     another length stretches ${what}: from here it is that of a run of this length`,
  ];
  expect(await remarks([cosine], { epochs: "30" })).toEqual(stretched("the schedule of the learning rate"));
  expect(await remarks([cyclical], { maxSteps: "9" })).toEqual(stretched("the schedule of model.klWeight"));
  expect(await remarks([cosine, cyclical], { epochs: "30" })).toEqual(
    stretched("the schedules of the learning rate and model.klWeight"),
  );
  expect(await remarks([cosine], {})).toEqual([]);
  expect(await remarks([], { epochs: "30" })).toEqual([]);
});

test("paths of data are absolute in the config, and a set's name stays a name", async () => {
  await fs.mkdir("faces");
  await fs.mkdir("mnist");
  const dataOf = async (options: TrainOptions) => (await planRun(undefined, options)).config.data;
  expect(await dataOf({ data: "faces", dataDir: "there" })).toMatchObject({
    name: resolve("faces"),
    directory: resolve("there"),
  });
  expect(await dataOf({ data: "./faces" })).toMatchObject({ name: resolve("faces") });
  expect(await dataOf({ data: "mnist" })).toMatchObject({ name: "mnist" });
  await fs.writeFile("own.json", JSON.stringify({ data: { name: "faces" } }));
  expect((await planRun("own.json", {})).config.data.name).toBe(resolve("faces"));
});
