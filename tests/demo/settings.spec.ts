import { expect, test } from "@playwright/test";
import { loadData } from "../../demo/lab/drawn-data.ts";
import { own } from "../../demo/lab/examples.ts";
import { loadFamilies, statements } from "../../demo/lab/families.ts";
import { isLive } from "../../demo/lab/model.ts";
import { BEGINNING, differences, epochsFor, fromHash, optionOf, settingsOf, toHash } from "../../demo/lab/settings.ts";

test.beforeAll(async () => {
  await Promise.all([loadFamilies(), loadData("ring")]);
});

test("a link holds what differs, and says the same when it is read", () => {
  expect(toHash(BEGINNING)).toBe("#v=1");
  const own = { ...BEGINNING, seed: 11, options: { ...BEGINNING.options, latent: 10, klWeight: 4 } };
  expect(toHash(own)).toBe("#v=1&seed=11&latent=10&klWeight=4");
  expect(fromHash(toHash(own))).toEqual({ settings: own, problems: [] });
  // Numbers of any range need another likelihood than pixels do, and a link need not say so.
  const ring = settingsOf("vae", { ...BEGINNING, data: "ring" });
  expect(ring.options.likelihood).toBe("gaussianCalibrated");
  expect(toHash(ring)).toBe("#v=1&data=ring");
  expect(fromHash(toHash(ring))).toEqual({ settings: ring, problems: [] });
  // A person's own files are in no link.
  expect(toHash({ ...BEGINNING, data: "mine.csv", pictures: 36 })).toBe("#v=1");
  const gan = { ...settingsOf("gan"), epochs: 3 };
  expect(fromHash(toHash(gan))).toEqual({ settings: gan, problems: [] });
});

test("a code that makes sense only when it is long begins as its family has it, and a link may shorten it", () => {
  const sparse = settingsOf("sparse-ae");
  expect([optionOf(sparse, "latent"), optionOf(sparse, "hidden")]).toEqual([256, []]);
  expect(optionOf(settingsOf("semantic-hashing"), "latent")).toBe(32);
  expect(optionOf(settingsOf("contractive-ae"), "latent")).toBe(128);
  expect(optionOf(settingsOf("rae"), "latent")).toBe(2);
  expect(toHash(sparse)).toBe("#v=1&family=sparse-ae");
  expect(fromHash("#v=1&family=sparse-ae")).toEqual({ settings: sparse, problems: [] });
  const short = { ...sparse, options: { ...sparse.options, latent: 2 } };
  expect(toHash(short)).toBe("#v=1&family=sparse-ae&latent=2");
  expect(fromHash(toHash(short))).toEqual({ settings: short, problems: [] });
  for (const [family, { options }] of Object.entries(statements)) {
    for (const [name, { sensibleFrom = 0 }] of Object.entries(options)) {
      if (sensibleFrom > 0) expect(optionOf(settingsOf(family), name)).toBeGreaterThanOrEqual(sensibleFrom);
    }
  }
});

test("what a visitor set stays with another family and with other data, where it can mean the same", () => {
  const mine = { ...BEGINNING, options: { ...BEGINNING.options, latent: 3, klWeight: 8 } };
  for (const family of ["iwae", "ae", "sparse-ae", "gan"]) {
    const now = settingsOf(family, mine);
    expect(now.options).toMatchObject(family === "sparse-ae" ? {} : { latent: 3 });
    expect(fromHash(toHash(now))).toEqual({ settings: now, problems: [] });
  }
  expect(optionOf(settingsOf("iwae", mine), "klWeight")).toBe(8);
  expect(optionOf(settingsOf("sparse-ae", mine), "latent")).toBe(256); // 3 make no sense there
  const ring = settingsOf("vae", mine, "ring");
  expect(ring.options).toEqual({ ...BEGINNING.options, likelihood: "gaussianCalibrated", latent: 3, klWeight: 8 });
  expect(fromHash(toHash(ring))).toEqual({ settings: ring, problems: [] });
  // What suits the ring was not set by anybody.
  expect(settingsOf("vae", ring, "digits")).toEqual(mine);
});

test("few rows of one's own are learned from in more epochs, which no link holds; of tables each column has its spread", () => {
  expect(epochsFor({ data: "digits", pictures: 200 })).toBe(30);
  expect(epochsFor({ data: "mine.csv", pictures: 270 })).toBe(500);
  expect(epochsFor({ data: "mine.csv", pictures: 20_000 })).toBe(30);
  expect(toHash({ ...BEGINNING, data: "mine.csv", pictures: 270, epochs: 500 })).toBe("#v=1");
  const x = { kind: "vector", shape: [2], store: "f32", scaling: { center: [0, 0], spread: [1, 1] } } as const;
  const split = { count: 1, values: { x: new Float32Array(2) } };
  own.value = { name: "mine.csv", fields: { x }, train: split, test: split };
  expect(settingsOf("vae", BEGINNING, "mine.csv").options.likelihood).toBe("gaussianCalibrated");
  own.value = undefined;
});

test("what a link asks for and cannot have is said, and the rest is taken", () => {
  const { settings, problems } = fromHash("#v=1&latent=0&colour=red&seed=5");
  expect(settings).toEqual({ ...BEGINNING, seed: 5 });
  expect(problems).toEqual([
    "latent must be a whole number from 1 to 65536, and the link says 0.",
    "The link's colour=red means nothing here.",
  ]);
  // Names that every object has are no options.
  for (const name of ["constructor", "toString", "__proto__"]) {
    expect(fromHash(`#v=1&${name}=1`)).toEqual({
      settings: BEGINNING,
      problems: [`The link's ${name}=1 means nothing here.`],
    });
    expect(fromHash(`#v=1&family=${name}`).problems).toEqual([`There is no family ${name}.`]);
    expect(fromHash(`#v=1&data=${name}`).problems).toEqual([`There is no data set ${name} in this page.`]);
  }
  expect(fromHash("#family=vea").problems).toEqual(["There is no family vea."]);
  expect(fromHash("#data=cats").problems).toEqual(["There is no data set cats in this page."]);
  expect(fromHash("#v=9").problems).toEqual(["This link is of version 9, and this page reads 1."]);
});

test("what differs between two settings is told with both values", () => {
  const other = { ...BEGINNING, learningRate: 0.01, options: { ...BEGINNING.options, latent: 5 } };
  expect(differences(BEGINNING, other)).toEqual([
    { name: "learningRate", a: 0.0015, b: 0.01 },
    { name: "latent", a: 2, b: 5 },
  ]);
  expect(differences(BEGINNING, BEGINNING)).toEqual([]);
  // Of another family whatever both have is compared, as the family has it where it is not set.
  const plain = { ...settingsOf("ae"), learningRate: BEGINNING.learningRate, options: { latent: 5 } };
  const found = differences(BEGINNING, plain);
  expect(found).toContainEqual({ name: "family", a: "vae", b: "ae" });
  expect(found).toContainEqual({ name: "latent", a: 2, b: 5 });
  expect(found).toContainEqual({ name: "hidden", a: [320, 128], b: optionOf(plain, "hidden") });
  expect(found.map(({ name }) => name)).not.toContain("klWeight");
});

test("what changes at once are the options that the steps of what is set read", () => {
  const live = (family: string, options: Record<string, unknown> = {}) => {
    const now = { ...settingsOf(family, BEGINNING), options };
    return Object.keys(statements[family].options).filter((name) => isLive(now, name));
  };
  expect(live("vae")).toEqual(["klWeight"]);
  expect(live("sparse-ae", { sparsity: "kl" })).toEqual(["sparsityWeight"]);
  expect(live("sparse-ae", { sparsity: "topK" })).toEqual(["active"]);
  expect(live("ae")).toEqual([]);
});
