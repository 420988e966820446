import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { Command } from "commander";
import { defineModelCommand } from "../../src/cli/model-commands.ts";
import { runSample, type SampleOptions } from "../../src/cli/run-sample.ts";
import { modelCommands } from "../../src/cli/use-table.ts";
import { gaussianMixture, mixtureCodes } from "../../src/codes/gaussian-mixture.ts";
import { interpolatedCodes, interpolatedPosteriors } from "../../src/codes/interpolation.ts";
import { posteriorCodes } from "../../src/codes/posterior.ts";
import { traversedCodes } from "../../src/codes/traversal.ts";
import { vector } from "../../src/data/dataset.ts";
import { decodeNpy } from "../../src/formats/npy.ts";
import type { UseJob } from "../../src/jobs/messages.ts";
import { latentScatter } from "../../src/report/latent-scatter.ts";
import { decodePng } from "../formats/decode-png.ts";
import { enterTemporaryFolder, fakeServices, leaveTemporaryFolder, madeRun, tinyData } from "./support.ts";

const LATENT = 3;

const sample = (model: string, options: Partial<SampleOptions>, services = fakeServices()) =>
  runSample(modelCommands[0], [model], { seed: "0", out: "x.npy", ...options }, services);

/** Codes that differ from row to row and from column to column. */
const encode = (count: number) => Float32Array.from({ length: count * LATENT }, (_, k) => Math.sin(5 * k + 1));
const codesOf = ({ jobs }: ReturnType<typeof fakeServices>) =>
  new Float32Array(jobs.at(-1)!.blobs!["input code"].slice().buffer);
const labelsOf = ({ jobs }: ReturnType<typeof fakeServices>) => [...jobs.at(-1)!.blobs!["input label"]];
const usesOf = ({ jobs }: ReturnType<typeof fakeServices>) => jobs.map(({ body }) => (body as unknown as UseJob).use);

test.beforeEach(async () => {
  await enterTemporaryFolder();
  const latent = { source: "--set", values: { model: { latent: LATENT } } };
  for (const preset of ["vae", "cvae", "ae", "gan"]) await madeRun(preset, { preset, sets: [latent] });
});
test.afterEach(leaveTemporaryFolder);

test("--help lists the sources and their flags", () => {
  const command = new Command("sample");
  defineModelCommand(modelCommands[0], command, async () => {});
  const text = command.helpInformation();
  for (const flag of ["--from", "--row", "--steps", "--path", "--range", "--components", "--covariance", "--split"]) {
    expect(text).toContain(flag);
  }
});

test("--from prior is what sample does without it, and class is one of its classes", async () => {
  const [plain, prior, one] = [fakeServices(), fakeServices(), fakeServices()];
  await sample("vae", {}, plain);
  await sample("vae", { from: "prior" }, prior);
  await sample("cvae", { from: "class", label: "3", count: "2" }, one);
  expect(prior.jobs.map(({ body }) => body)).toEqual(plain.jobs.map(({ body }) => body));
  expect(usesOf(one)).toEqual(["sample"]);
  expect(labelsOf(one)).toEqual([3, 3]);
  await expect(sample("cvae", { from: "class" })).rejects.toThrow(
    "--from class draws one class: say which with --label",
  );
  await expect(sample("vae", { from: "class", label: "1" })).rejects.toThrow(
    "--label goes with models that take a class",
  );
});

test("--from posterior draws around one example's mean, as far as it is spread", async () => {
  const posterior = Float32Array.of(1, 2, 3, 0.1, 0.2, 0.3);
  const services = fakeServices({ results: { posterior: () => posterior } });
  expect(await sample("vae", { from: "posterior", row: "2", count: "6", seed: "9" }, services)).toBe(0);
  expect(usesOf(services)).toEqual(["posterior", "decode"]);
  expect([...services.jobs[0].blobs!["input x"]]).toEqual([...tinyData.test.values.x.subarray(8, 12)]);
  expect(codesOf(services)).toEqual(posteriorCodes(posterior, { latent: LATENT, count: 6, seed: 9 }));
  expect(decodeNpy(await fs.readFile("x.npy"), "x.npy").shape).toEqual([6, 2, 2, 1]);
  expect(services.terminal.out()).toBe("x.npy: sample from the posterior of example 2 of tiny, 6 rows, 2x2x1 each\n");
  await expect(sample("vae", { from: "posterior", row: "1,2" })).rejects.toThrow("give one --row");
  await expect(sample("vae", { from: "posterior", row: "5" })).rejects.toThrow(
    "--row 5 is none of them: tiny has 5 such examples, 0 to 4.",
  );
});

test("--from interpolation goes from example to example, a row of the picture for each pair", async () => {
  for (const path of ["linear", "spherical"] as const) {
    const services = fakeServices({ results: { encode } });
    await sample("ae", { from: "interpolation", row: "3,0,4,1", steps: "5", path, split: "all" }, services);
    expect(usesOf(services)).toEqual(["encode", "decode"]);
    const row = (k: number) => [...tinyData.train.values.x.subarray(4 * k, 4 * k + 4)];
    expect([...services.jobs[0].blobs!["input x"]]).toEqual([3, 0, 4, 1].flatMap(row));
    const codes = encode(4);
    const ends = (first: number) => [0, 2].flatMap((k) => [...codes.subarray((k + first) * 3, (k + first) * 3 + 3)]);
    expect(codesOf(services)).toEqual(interpolatedCodes(ends(0), ends(1), { rows: 2, steps: 5, path }));
  }
  const [two, four] = [fakeServices({ results: { encode } }), fakeServices({ results: { encode } })];
  await sample("ae", { from: "interpolation", row: "3,0", steps: "5", out: "two.png" }, two);
  await sample("ae", { from: "interpolation", row: "3,0,4,1", steps: "5", out: "four.png" }, four);
  const [first, second] = [decodePng(await fs.readFile("two.png")), decodePng(await fs.readFile("four.png"))];
  expect(second.width).toBe(first.width);
  expect(second.height).toBeGreaterThan(1.9 * first.height);
  await expect(sample("ae", { from: "interpolation", row: "3,0,4" })).rejects.toThrow("between pairs of examples");
});

test("--from interpolation --spread draws from posteriors between those of the examples", async () => {
  const posterior = (count: number) =>
    Float32Array.from({ length: count * 6 }, (_, k) => (k % 6 < 3 ? k : 0.1 + k / 50));
  const services = fakeServices({ results: { posterior } });
  await sample("vae", { from: "interpolation", row: "3,0", steps: "4", spread: true, seed: "2" }, services);
  expect(usesOf(services)).toEqual(["posterior", "decode"]);
  const values = posterior(2);
  const between = interpolatedPosteriors(values.subarray(0, 6), values.subarray(6), { latent: LATENT, steps: 4 });
  expect(codesOf(services)).toEqual(posteriorCodes(between, { rows: 4, latent: LATENT, seed: 2 }));
  expect(services.terminal.out()).toContain("1 linear interpolation between posteriors of examples of tiny, 4 rows");
  await expect(sample("ae", { from: "interpolation", spread: true })).rejects.toThrow("posterior");
  await expect(sample("vae", { from: "posterior", spread: true })).rejects.toThrow("--spread does not go with");
});

test("--from interpolation without --row takes the first examples in pairs, as many as there are", async () => {
  const services = fakeServices({ results: { encode } });
  await sample("vae", { from: "interpolation" }, services);
  expect(services.jobs[0].body).toMatchObject({ count: 5 });
  expect(services.jobs[1].body).toMatchObject({ use: "decode", count: 2 * 11 });
  expect(services.terminal.out()).toContain("sample from 2 linear interpolations between examples of tiny, 22 rows");
});

test("--from traversal moves each number of a code, around zeros or an example's", async () => {
  const [zeros, around] = [fakeServices({ results: { encode } }), fakeServices({ results: { encode } })];
  await sample("vae", { from: "traversal" }, zeros);
  expect(usesOf(zeros)).toEqual(["decode"]);
  expect(codesOf(zeros)).toEqual(traversedCodes([0, 0, 0]));
  await sample("vae", { from: "traversal", row: "1", steps: "3", range: "-1,2.5", out: "x.png" }, around);
  expect(codesOf(around)).toEqual(traversedCodes(encode(1), { steps: 3, low: -1, high: 2.5 }));
  const { width, height } = decodePng(await fs.readFile("x.png"));
  expect(width).toBeGreaterThan(height);
  for (const range of ["3,-3", "1", "a,b", "0,1,2"]) {
    await expect(sample("vae", { from: "traversal", range })).rejects.toThrow(
      "--range must be two numbers, the lower first",
    );
  }
});

test("--from mixture fits the codes of the training examples, so that a plain autoencoder draws", async () => {
  const services = fakeServices({ results: { encode } });
  const options = { from: "mixture", components: "2", covariance: "diagonal", count: "7", seed: "4" };
  await sample("ae", options, services);
  expect(services.jobs[0].body).toMatchObject({ use: "encode", count: tinyData.train.count });
  const mixture = gaussianMixture(encode(12), { rows: 12, components: 2, covariance: "diagonal", seed: 4 });
  expect(codesOf(services)).toEqual(mixtureCodes(mixture, 7, { seed: 4 }));
  await expect(sample("ae", { from: "mixture", components: "13" })).rejects.toThrow(
    "--components 13 are more than the 12 examples of tiny.",
  );
});

test("a model that takes a class decodes with that of the example, that of --label, or each in turn", async () => {
  const drawn = async (options: Partial<SampleOptions>) => {
    const services = fakeServices({ results: { encode } });
    await sample("cvae", options, services);
    return labelsOf(services);
  };
  expect(await drawn({ from: "posterior", row: "2", count: "3" })).toEqual([2, 2, 2]);
  expect(await drawn({ from: "posterior", row: "2", count: "3", label: "4" })).toEqual([4, 4, 4]);
  expect(await drawn({ from: "interpolation", row: "3,0,4,1", steps: "2" })).toEqual([3, 3, 4, 4]);
  expect(await drawn({ from: "traversal", row: "1", steps: "2" })).toEqual(new Array(6).fill(1));
  expect(await drawn({ from: "mixture", components: "1", count: "7" })).toEqual([0, 1, 2, 3, 4, 0, 1]);
  await expect(sample("cvae", { from: "traversal" })).rejects.toThrow(
    "takes a class to decode: say which with --label, or an example with --row.",
  );
  await expect(sample("vae", { from: "traversal", label: "1" })).rejects.toThrow("takes none to decode");
});

test("what a model cannot, flags of other sources and pictures too large are refused before a browser starts", async () => {
  await madeRun("tokens", { preset: "vq-vae" });
  const cases: [string, Partial<SampleOptions>, string][] = [
    ["tokens", { from: "traversal" }, "are tokens, and --from traversal needs numbers."],
    [
      "ae",
      { from: "posterior" },
      "which has no use posterior, as --from posterior needs; it has encode, decode, reconstruct and",
    ],
    ["gan", { from: "mixture" }, "which has no use decode, as --from mixture needs; it has sample."],
    ["vae", { from: "nowhere" }, "--from must be one of prior, class, posterior, interpolation, traversal, mixture"],
    ["vae", { steps: "3" }, "--steps does not go with --from prior, which takes --count, --label."],
    ["vae", { from: "traversal", count: "3" }, "--count does not go with --from traversal, which takes --row, --steps"],
    ["vae", { from: "mixture", row: "3" }, "--row does not go with --from mixture"],
    ["vae", { dataDir: "x" }, "--data-dir does not go with --from prior"],
    ["vae", { from: "interpolation", steps: "1" }, "--steps must be a whole number from 2 to 1000"],
    ["vae", { from: "interpolation", path: "curved" }, "--path must be one of linear, spherical"],
    ["vae", { from: "posterior", row: "one" }, "--row must be a whole number"],
    ["vae", { from: "posterior", count: "10001", out: "x.png" }, "A picture shows at most 10000 rows"],
    ["vae", { from: "mixture", covariance: "round" }, "--covariance must be one of diagonal, full"],
  ];
  for (const [model, options, sentence] of cases) {
    const services = fakeServices();
    const error = await sample(model, options, services).catch((caught) => caught);
    expect([error.code, error.message]).toEqual(["usage", expect.stringContaining(sentence)]);
    expect(services.opened).toEqual([]);
  }
});

test("samples of the plane are drawn as dots", async () => {
  const points = { x: vector(2) };
  await madeRun("plane", { preset: "gan-ring" }, points);
  const drawn = (count: number) => Float32Array.from({ length: 2 * count }, (_, at) => Math.sin(at));
  const services = fakeServices({ results: { sample: drawn } });
  expect(await sample("plane", { count: "30", out: "dots.png" }, services)).toBe(0);
  const [, title] = /^dots\.png: (.*), 2 each\n$/.exec(services.terminal.out())!;
  const same = latentScatter({ points: drawn(30), count: 30, title, xLabel: "x₁", yLabel: "x₂" });
  expect(new Uint8Array(await fs.readFile("dots.png"))).toEqual(same);
});
