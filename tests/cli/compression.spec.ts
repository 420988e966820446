import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { type DecodeOptions, runDecode } from "../../src/cli/run-decode.ts";
import { runModelCommand, type UseOptions } from "../../src/cli/run-model-command.ts";
import { modelCommands } from "../../src/cli/use-table.ts";
import { dequantisedCodes, quantisedCodes } from "../../src/codes/quantisation.ts";
import { decodeNpy, encodeNpy } from "../../src/formats/npy.ts";
import { decodeNpz, encodeNpz } from "../../src/formats/npz.ts";
import type { UseJob } from "../../src/jobs/messages.ts";
import { enterTemporaryFolder, fakeServices, leaveTemporaryFolder, madeRun, tinyData } from "./support.ts";

const LATENT = 3;
const commandOf = (use: string) => modelCommands.find((command) => command.use === use)!;

/** Codes of a fake model: each row and column another. */
const codes = (count: number) => Float32Array.from({ length: count * LATENT }, (_, k) => Math.sin(5 * k + 1));
/** What it makes of codes it cannot know; the examples are all 1. */
const results = { encode: codes, decode: (count: number) => new Float32Array(4 * count).fill(0.5) };

const encode = (options: Partial<UseOptions>, services = fakeServices({ results })) =>
  runModelCommand(commandOf("encode"), ["vae"], { seed: "0", ...options }, services);
const decode = (file: string, options: Partial<DecodeOptions>, services = fakeServices({ results }), model = "vae") =>
  runDecode(commandOf("decode"), [model, file], { seed: "0", ...options }, services);
const decodedCodes = ({ jobs }: ReturnType<typeof fakeServices>, job: number) =>
  new Float32Array(jobs[job].blobs!["input code"].slice().buffer);

test.beforeEach(async () => {
  await enterTemporaryFolder();
  const latent = { source: "--set", values: { model: { latent: LATENT } } };
  for (const preset of ["vae", "cvae", "gan"]) await madeRun(preset, { preset, sets: [latent] });
});
test.afterEach(leaveTemporaryFolder);

for (const bits of ["8", "16"] as const) {
  test(`encode --bits ${bits} packs codes between each column's ends, and decode unpacks them`, async () => {
    const services = fakeServices({ results });
    expect(await encode({ out: "codes.npz", bits }, services)).toBe(0);
    const file = await fs.readFile("codes.npz");
    const arrays = decodeNpz(file, "codes.npz");
    const exact = quantisedCodes(codes(5), { rows: 5, bits: bits === "8" ? 8 : 16 });
    expect(arrays.get("codes")!()).toEqual({ shape: [5, LATENT], data: exact.steps });
    expect(arrays.get("low")!()).toEqual({ shape: [LATENT], data: exact.low });
    expect(arrays.get("high")!()).toEqual({ shape: [LATENT], data: exact.high });
    expect(services.terminal.out()).toBe(
      `codes.npz: encode of tiny, 5 rows, 3 each, ${(file.length / 5).toFixed(1)} bytes an example\n`,
    );
    const back = fakeServices({ results });
    expect(await decode("codes.npz", { out: "x.npy" }, back)).toBe(0);
    expect(decodedCodes(back, 0)).toEqual(dequantisedCodes(exact));
  });
}

test("a .npz without --bits holds floats, which come back to the bit", async () => {
  await encode({ out: "codes.npz" });
  const services = fakeServices({ results });
  await decode("codes.npz", { out: "x.npy" }, services);
  expect(decodedCodes(services, 0)).toEqual(codes(5));
  expect(decodeNpy(await fs.readFile("x.npy"), "x.npy").shape).toEqual([5, 2, 2, 1]);
});

test("tokens are packed as they are, in the fewest bytes, and come back in their grid", async () => {
  const token = (count: number) => Float32Array.from({ length: count }, (_, k) => (7 * k) % 60);
  const grid = { network: "conv", widths: [4], codebook: "gradient" };
  for (const [name, codes, array] of [
    ["few", 64, Uint8Array],
    ["many", 300, Uint16Array],
  ] as const) {
    const values = { model: { ...grid, codes } };
    await madeRun(name, { preset: "vq-vae", sets: [{ source: "--set", values }] });
    const services = fakeServices({ results: { encode: token } });
    const encoded = commandOf("encode");
    expect(await runModelCommand(encoded, [name], { seed: "0", out: "tokens.npz" }, services)).toBe(0);
    const { shape, data } = decodeNpz(await fs.readFile("tokens.npz"), "tokens.npz").get("codes")!();
    expect(shape).toEqual([5, 1, 1]);
    expect(data).toEqual(array.from(token(5)));
    const back = fakeServices({ results: { encode: token } });
    expect(await decode("tokens.npz", { compare: true }, back, name)).toBe(0);
    expect(back.jobs[1].blobs!["input code"]).toEqual(new Uint8Array(Uint16Array.from(token(5)).buffer));
    await expect(runModelCommand(encoded, [name], { seed: "0", out: "x.npz", bits: "8" }, services)).rejects.toThrow(
      "are tokens, which lose nothing in a .npz file: leave --bits out.",
    );
  }
});

test("codes that are bits are packed eight in a byte, and come back as zeros and ones", async () => {
  const values = { model: { latent: 10 } };
  await madeRun("bits", { preset: "semantic-hashing", sets: [{ source: "--set", values }] });
  const ten = (count: number) => Float32Array.from({ length: 10 * count }, (_, k) => (Math.sin(k * k) > 0 ? 0.9 : 0.2));
  const encoded = commandOf("encode");
  const run = (services: ReturnType<typeof fakeServices>, bits: string) =>
    runModelCommand(encoded, ["bits"], { seed: "0", out: "bits.npz", bits }, services);
  for (const [bits, back] of [
    ["1", ten(5).map((value) => Number(value > 0.5))],
    ["8", dequantisedCodes(quantisedCodes(ten(5), { rows: 5, bits: 8 }))],
  ] as const) {
    const services = fakeServices({ results: { encode: ten } });
    expect(await run(services, bits)).toBe(0);
    const { shape, data } = decodeNpz(await fs.readFile("bits.npz"), "bits.npz").get("codes")!();
    expect(shape).toEqual([5, bits === "1" ? 2 : 10]);
    expect(data).toBeInstanceOf(Uint8Array);
    const decoder = fakeServices({ results: { ...results, encode: ten } });
    expect(await decode("bits.npz", { compare: true }, decoder, "bits")).toBe(0);
    expect(decodedCodes(decoder, 1)).toEqual(Float32Array.from(back));
    expect(decoder.terminal.out()).toContain(`bytes an example, ${bits === "1" ? "1 bit" : "8 bits"} a number, beside`);
  }
});

test("--compare says what codes cost, and the error beside that of codes as the model gives them", async () => {
  await encode({ out: "codes.npz", bits: "8" });
  const size = (await fs.stat("codes.npz")).size / 5;
  const services = fakeServices({ results });
  expect(await decode("codes.npz", { compare: true }, services)).toBe(0);
  const uses = services.jobs.map(({ body }) => (body as unknown as UseJob).use);
  expect(uses).toEqual(["encode", "decode", "decode"]);
  expect([...services.jobs[0].blobs!["input x"]]).toEqual([...tinyData.test.values.x]);
  expect(decodedCodes(services, 1)).toEqual(dequantisedCodes(quantisedCodes(codes(5), { rows: 5, bits: 8 })));
  expect(decodedCodes(services, 2)).toEqual(codes(5));
  expect(services.terminal.out()).toBe(
    `codes.npz: ${size.toFixed(1)} bytes an example, 8 bits a number, beside 4 of tiny: ${(4 / size).toFixed(1)} times less\n` +
      "mean squared error 0.250000 a number, and 0.250000 from codes as the model gives them\n",
  );
  await expect(fs.stat("decoded.png")).rejects.toThrow("ENOENT");
});

test("--compare with --out writes what was decoded, and goes with .npy and --count too", async () => {
  await fs.writeFile("codes.npy", encodeNpy({ shape: [5, LATENT], data: codes(5) }));
  const services = fakeServices({ results });
  await decode("codes.npy", { compare: true, out: "x.npy", count: "2" }, services);
  expect(decodeNpy(await fs.readFile("x.npy"), "x.npy").shape).toEqual([2, 2, 2, 1]);
  expect(services.jobs.map(({ body }) => (body as unknown as UseJob).count)).toEqual([2, 2, 2]);
  expect(services.terminal.out()).toMatch(/^x\.npy: decode of codes\.npy, 2 rows, 2x2x1 each\ncodes\.npy: /);
});

test("--compare takes the classes of the examples where a model needs them", async () => {
  await encode({ out: "codes.npz", bits: "16" });
  const services = fakeServices({ results });
  await decode("codes.npz", { compare: true }, services, "cvae");
  for (const { blobs } of services.jobs) expect([...blobs!["input label"]]).toEqual([0, 1, 2, 3, 4]);
  await expect(decode("codes.npz", { compare: true, label: "1" }, undefined, "cvae")).rejects.toThrow(
    "--label does not go with --compare",
  );
});

test("codes of other examples, or of another model, are told from those that lost some bits", async () => {
  const others = codes(5).map((value, k) => (k < LATENT ? value : -value));
  await fs.writeFile("others.npy", encodeNpy({ shape: [5, LATENT], data: others }));
  await expect(decode("others.npy", { compare: true })).rejects.toMatchObject({
    code: "data",
    message:
      "others.npy does not hold this model's codes of these examples of tiny: give the model, --data and --split as for encode.",
  });
  await encode({ out: "all.npz", split: "all" });
  await expect(decode("all.npz", { compare: true })).rejects.toThrow(
    "all.npz holds 17 codes, and there are 5 such examples of tiny: give --data and --split as for encode.",
  );
  expect(await decode("all.npz", { compare: true, split: "all" })).toBe(0);
});

test("flags that do not go together, and files that hold no codes, are refused before a browser starts", async () => {
  await fs.writeFile("foreign.npz", encodeNpz({ x: { shape: [1], data: Float32Array.of(1) } }));
  const whole = { shape: [1, LATENT], data: Uint8Array.of(1, 2, 3) };
  const ends = { shape: [2], data: Float32Array.of(1, 2) };
  await fs.writeFile("endless.npz", encodeNpz({ codes: whole, low: ends, high: ends }));
  await encode({ out: "codes.npz" });
  const cases: [(services: ReturnType<typeof fakeServices>) => Promise<number>, string][] = [
    [(services) => encode({ bits: "8" }, services), "--bits goes with a .npz file: --out codes.npz."],
    [(services) => encode({ bits: "9", out: "x.npz" }, services), "--bits must be one of 1, 8, 16, 32"],
    [
      (services) => encode({ bits: "1", out: "x.npz" }, services),
      "are no bits, and --bits 1 is for those that are: take 8 or 16.",
    ],
    [(services) => decode("foreign.npz", {}, services), 'foreign.npz holds no array "codes", only x: reparam encode'],
    [(services) => decode("endless.npz", {}, services), "endless.npz does not say the low end of each column"],
    [(services) => decode("codes.npz", { split: "all" }, services), "say what --compare compares with: add it."],
    [(services) => decode("codes.npz", { compare: true }, services, "gan"), "has no use decode, as --compare needs"],
    [(services) => decode("codes.npz", { out: "x.npz" }, services), "--out must name a .npy, .csv or .png file"],
  ];
  for (const [ask, sentence] of cases) {
    const services = fakeServices({ results });
    await expect(ask(services)).rejects.toThrow(sentence);
    expect(services.opened).toEqual([]);
  }
});
