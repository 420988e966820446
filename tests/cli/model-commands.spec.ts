import fs from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { Command } from "commander";
import { defineModelCommand } from "../../src/cli/model-commands.ts";
import { runModelCommand } from "../../src/cli/run-model-command.ts";
import { modelCommands } from "../../src/cli/use-table.ts";
import { type Dataset, labels, pixels } from "../../src/data/dataset.ts";
import { decodeNpy, encodeNpy } from "../../src/formats/npy.ts";
import type { UseJob } from "../../src/jobs/messages.ts";
import { enterTemporaryFolder, fakeServices, leaveTemporaryFolder, madeRun, tinyData } from "./support.ts";

/** Runs a command of the table. */
const run = (use: string, names: [string, string?], options: object, services = fakeServices()) =>
  runModelCommand(
    modelCommands.find((command) => command.use === use)!,
    names,
    { seed: "0", out: `${use}.npy`, ...options },
    services,
  );

const values = (count: number) => new Float32Array(count).fill(1);

/** A model that has the use, as small as it can be, and one that has not. */
const models: Record<string, { can: string; cannot: string; to: number[] }> = {
  sample: { can: "vae", cannot: "ae", to: [2, 2, 1] },
  reconstruct: { can: "vae", cannot: "gan", to: [2, 2, 1] },
  encode: { can: "vae", cannot: "gan", to: [3] },
  decode: { can: "vae", cannot: "gan", to: [2, 2, 1] },
  posterior: { can: "vae", cannot: "ae", to: [2, 3] },
  corrupt: { can: "denoising-ae", cannot: "vae", to: [2, 2, 1] },
  classify: { can: "stacked", cannot: "gan", to: [5] },
  score: { can: "ae", cannot: "gan", to: [1] },
};

test.beforeEach(async () => {
  await enterTemporaryFolder();
  const latent = { source: "--set", values: { model: { latent: 3 } } };
  for (const preset of ["vae", "cvae", "ae", "denoising-ae"]) await madeRun(preset, { preset, sets: [latent] });
  await madeRun("stacked", { preset: "stacked-denoising-ae" });
  await madeRun("gan", { preset: "gan" });
  await madeRun("memoriser", { preset: "memoriser", sets: [latent] });
  await fs.writeFile("codes.npy", encodeNpy({ shape: [2, 3], data: values(6) }));
});
test.afterEach(leaveTemporaryFolder);

for (const command of modelCommands) {
  const { use, rows, out } = command;
  const { can, cannot, to } = models[use];
  const named = (model: string): [string, string?] => (rows === "codes" ? [model, "codes.npy"] : [model]);
  const all = { noise: command.count, examples: 5, codes: 2 }[rows];

  test(`${use}: --help says what it takes and where it writes`, () => {
    const defined = new Command(use);
    defineModelCommand(command, defined, async () => {});
    const help = defined.helpInformation();
    for (const words of [`${use} [options] <run>`, `"${out}"`, "--count", "--seed", "--best", "--host"]) {
      expect(help.replace(/\s+/g, " ")).toContain(words);
    }
    if (rows === "examples") expect(help).toContain("--split");
    expect(help.includes("<codes>")).toBe(rows === "codes");
  });

  test(`${use}: a model that cannot is refused before a browser starts, with what it can do`, async () => {
    const services = fakeServices();
    const sentence = new RegExp(`of the family ${cannot}, which has no use ${use}; it has \\w+.*\\.$`);
    await expect(run(use, named(cannot), {}, services)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(sentence),
    });
    expect(services.opened).toEqual([]);
  });

  test(`${use}: --out x.npy is an array of the field's shape`, async () => {
    const services = fakeServices();
    expect(await run(use, named(can), { seed: "7", out: "x.npy" }, services)).toBe(0);
    expect(services.jobs).toHaveLength(1);
    expect(services.jobs[0].body).toMatchObject({ kind: "use", use, count: all, seed: 7 });
    const { shape, data } = decodeNpy(await fs.readFile("x.npy"), "x.npy");
    expect(shape).toEqual([all, ...to]);
    expect(data).toEqual(values(data.length));
    expect(services.terminal.out()).toMatch(new RegExp(`^x\\.npy: ${use} of .*, ${all} rows, ${to.join("x")} each`));
  });

  test(`${use}: --out x.png is a picture of what is an image, and a sentence of what is none`, async () => {
    const services = fakeServices();
    const drawn = run(use, named(can), { out: "x.png" }, services);
    if (to.length === 3) {
      expect(await drawn).toBe(0);
      expect((await fs.readFile("x.png")).subarray(1, 4).toString()).toBe("PNG");
    } else {
      await expect(drawn).rejects.toThrow(
        `${use} gives a vector of ${to.join("x")}, which cannot be drawn; name a .npy file`,
      );
      expect(services.opened).toEqual([]);
    }
  });

  test(`${use}: --count takes the first of what there is`, async () => {
    const services = fakeServices();
    expect(await run(use, named(can), { count: "1" }, services)).toBe(0);
    expect(services.jobs[0].body).toMatchObject({ count: 1 });
  });
}

test("without --count, and with --count all, a .npy file has all examples and a picture some", async () => {
  const count = 40;
  const split = { count, values: { x: new Uint8Array(4 * count), label: new Uint8Array(count) } };
  const data: Dataset = { ...tinyData, test: split };
  const counts: number[] = [];
  for (const options of [{ out: "x.npy" }, { out: "x.png" }, { out: "y.png", count: "all" }]) {
    const services = fakeServices({ data });
    await run("reconstruct", ["vae"], options, services);
    counts.push((services.jobs[0].body as unknown as UseJob).count);
  }
  expect(counts).toEqual([40, 32, 40]);
  await expect(run("sample", ["vae"], { count: "all" })).rejects.toThrow("--count must be a whole number from 1");
});

test("classify says how many are wrong where the data have labels", async () => {
  const services = fakeServices();
  await run("classify", ["stacked"], {}, services);
  // The stand-in finds all classes as probable, so the first; the five examples are one of each.
  expect(services.terminal.out()).toBe("classify.npy: classify of tiny, 5 rows, 5 each, 80.00 % are wrong (4 of 5)\n");
});

test("--out x.csv is a table: a row's number, its class where the data say it, and its numbers", async () => {
  const results = { score: (count: number) => Float32Array.from({ length: count }, (_, row) => row / 4) };
  const label = labels(5, ["a", "b, c", 'd"', "e", "f"]);
  const named: Dataset = { ...tinyData, fields: { ...tinyData.fields, label } };
  await run("score", ["ae"], { out: "x.csv" }, fakeServices({ data: named, results }));
  expect(await fs.readFile("x.csv", "utf8")).toBe(
    'example,class,score\n0,a,0\n1,"b, c",0.25\n2,"d""",0.5\n3,e,0.75\n4,f,1\n',
  );
  await run("encode", ["ae"], { out: "y.csv", count: "1" }, fakeServices());
  expect(await fs.readFile("y.csv", "utf8")).toBe("example,class,encode.1,encode.2,encode.3\n0,0,1,1,1\n");
});

test("a model that knows examples by their places is used on those of the training, in their order", async () => {
  const services = fakeServices();
  expect(await run("reconstruct", ["memoriser"], { out: "pairs.png" }, services)).toBe(0);
  const [job] = services.jobs;
  expect(job.body).toMatchObject({ count: 12 });
  expect([...job.blobs!["input index"]]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  for (const split of ["test", "all"]) {
    await expect(run("encode", ["memoriser"], { split })).rejects.toThrow(
      "knows examples by their place among the training examples: take --split train.",
    );
  }
});

test("examples are given as they are stored, in the file's order; --split all has the test examples last", async () => {
  const [own, both] = [fakeServices(), fakeServices()];
  await run("encode", ["vae"], {}, own);
  await run("encode", ["vae"], { split: "all" }, both);
  expect([...own.jobs[0].blobs!["input x"]]).toEqual([...tinyData.test.values.x]);
  expect(both.jobs[0].body).toMatchObject({ count: 17 });
  expect([...both.jobs[0].blobs!["input x"]]).toEqual([...tinyData.train.values.x, ...tinyData.test.values.x]);
  await expect(run("encode", ["vae"], { split: "half" })).rejects.toThrow("--split must be one of test, train, all");
});

test("a use asks the data for what it takes and no more, and says what does not fit", async () => {
  const { train, test: tested } = tinyData;
  const withoutLabels = ({ count, values: { x } }: Dataset["train"]) => ({ count, values: { x } });
  const unlabelled: Dataset = {
    name: "unlabelled",
    fields: { x: pixels([2, 2, 1]) },
    train: withoutLabels(train),
    test: withoutLabels(tested),
  };
  const more: Dataset = { ...tinyData, name: "more", fields: { x: pixels([2, 2, 1]), label: labels(9) } };
  expect(await run("encode", ["stacked"], {}, fakeServices({ data: unlabelled }))).toBe(0);
  await expect(run("encode", ["cvae"], {}, fakeServices({ data: unlabelled }))).rejects.toThrow(
    /reads the field "label", and unlabelled has none of that name/,
  );
  await expect(run("encode", ["cvae"], {}, fakeServices({ data: more }))).rejects.toThrow(
    /The label of more has 9 classes, but cvae\S* knows 5/,
  );
});

test("data that are stored otherwise than those of the training are given with how they are stored", async () => {
  const x = { kind: "image", shape: [2, 2, 1], store: "f32" } as const;
  const split = (count: number) => ({ count, values: { x: values(4 * count) } });
  const floats: Dataset = { name: "floats", fields: { x }, train: split(2), test: split(3) };
  const services = fakeServices({ data: floats });
  expect(await run("encode", ["vae"], {}, services)).toBe(0);
  expect((services.jobs[0].body as unknown as UseJob).fields.x).toEqual(x);
  expect(services.jobs[0].blobs!["input x"]).toHaveLength(4 * 4 * 3);
});

test("a denoiser's pairs show the spoilt examples, and what it makes of them", async () => {
  const services = fakeServices();
  expect(await run("reconstruct", ["denoising-ae"], { out: "pairs.png" }, services)).toBe(0);
  const [spoilt, repaired] = services.jobs.map(({ body }) => body as unknown as UseJob);
  expect([spoilt.use, repaired.use]).toEqual(["corrupt", "reconstruct"]);
  expect([spoilt.fields.x.store, repaired.fields.x.store]).toEqual(["u8", "f32"]);
  expect(services.jobs[1].blobs!["input x"]).toEqual(new Uint8Array(values(20).buffer));
  expect(services.opened).toEqual(["chromium"]);
});

test("a conditional model draws a class by its number, or each in turn; others take no label", async () => {
  const [one, each] = [fakeServices(), fakeServices()];
  await run("sample", ["cvae"], { count: "4", label: "3" }, one);
  await run("sample", ["cvae"], { count: "7" }, each);
  expect([...one.jobs[0].blobs!["input label"]]).toEqual([3, 3, 3, 3]);
  expect([...each.jobs[0].blobs!["input label"]]).toEqual([0, 1, 2, 3, 4, 0, 1]);
  await expect(run("sample", ["cvae"], { label: "5" })).rejects.toThrow("--label must be a whole number from 0 to 4");
  await expect(run("sample", ["vae"], { label: "1" })).rejects.toThrow("--label goes with models that take a class");
});

test("codes that are missing, none, of another width or not finite are refused before a browser starts", async () => {
  const cases: [string, number[], Float32Array<ArrayBuffer>, RegExp][] = [
    ["none.npy", [0, 3], values(0), /array of shape \(0, 3\), and codes are \(rows, 3\)/],
    ["wide.npy", [1, 4], values(4), /array of shape \(1, 4\), and codes are \(rows, 3\)/],
    ["flat.npy", [3], values(3), /array of shape \(3\)/],
    ["bad.npy", [2, 3], values(6).fill(Number.NaN, 4, 5), /bad\.npy holds NaN in row 1, column 1/],
  ];
  for (const [name, shape, data, sentence] of cases) {
    await fs.writeFile(name, encodeNpy({ shape, data }));
    const services = fakeServices();
    await expect(run("decode", ["vae", name], {}, services)).rejects.toThrow(sentence);
    expect(services.opened).toEqual([]);
  }
  await expect(run("decode", ["vae", "nowhere.npy"], {})).rejects.toMatchObject({ code: "data" });
});

test("tokens of a grid are decoded from the file that encode writes, as whole numbers, and strangers are refused", async () => {
  const small = { network: "conv", widths: [4], codes: 300, width: 2 };
  await madeRun("tokens", { preset: "vq-vae", sets: [{ source: "--set", values: { model: small } }] });
  const services = fakeServices();
  expect(await run("encode", ["tokens"], {}, services)).toBe(0);
  expect(decodeNpy(await fs.readFile("encode.npy"), "encode.npy").shape).toEqual([5, 1, 1]);
  await fs.writeFile("tokens.npy", encodeNpy({ shape: [2, 1, 1], data: BigInt64Array.from([7n, 299n]) }));
  expect(await run("decode", ["tokens", "tokens.npy"], {}, services)).toBe(0);
  const { blobs } = services.jobs[1];
  expect([...new Uint16Array(blobs!["input code"].slice().buffer)]).toEqual([7, 299]);
  await fs.writeFile("strange.npy", encodeNpy({ shape: [1, 1, 1], data: Float32Array.of(300) }));
  await expect(run("decode", ["tokens", "strange.npy"], {})).rejects.toThrow(
    "strange.npy: number 0 is 300, and there are classes 0 to 299",
  );
});

test("more rows than a picture can show are refused before a browser starts", async () => {
  const services = fakeServices();
  await expect(run("sample", ["vae"], { count: "10001", out: "x.png" }, services)).rejects.toThrow(
    "A picture shows at most 10000 rows, and these are 10001",
  );
  expect(services.opened).toEqual([]);
});
