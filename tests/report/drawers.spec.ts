import { expect, test } from "@playwright/test";
import { type Field, type FieldValues, fieldSize, labels, pixels, vector } from "../../src/data/dataset.ts";
import type { Subject } from "../../src/report/drawers/drawer.ts";
import { drawers } from "../../src/report/drawers/index.ts";
import { CATEGORIES } from "../../src/report/palette.ts";
import { decodePng } from "../formats/decode-png.ts";

const IMAGE = pixels([4, 4, 1]);
const SERIES: Field = { kind: "series", shape: [12], store: "f32" };
const ROW: Field = { kind: "vector", shape: [6], store: "f32" };
const LABEL = labels(3, ["ant", "bee", "cat"]);
const COUNT = 40;

interface Call {
  readonly name: string;
  readonly count: number;
  readonly inputs: Readonly<Record<string, FieldValues>>;
  readonly seed?: number;
}

/** A model whose uses give the row's number in a wave; `answer` says otherwise. */
function subject(parts: {
  x?: Field;
  uses: Subject["uses"];
  label?: Field;
  fast?: boolean;
  stored?: FieldValues;
  answer?: (call: Call) => Float32Array | undefined;
}): Subject & { calls: Call[] } {
  const { x = IMAGE, uses, label = LABEL, fast = true, answer } = parts;
  const size = fieldSize(x);
  const stored = parts.stored ?? Uint8Array.from({ length: COUNT * size }, (_, i) => (i * 7) % 256);
  const calls: Call[] = [];
  return {
    uses,
    fields: { x, label },
    split: "test",
    examples: { count: COUNT, values: { x: stored, label: Uint8Array.from({ length: COUNT }, (_, i) => i % 3) } },
    fast,
    calls,
    async use(name, count, inputs = {}, seed) {
      const call = { name, count, inputs, seed };
      calls.push(call);
      const length = count * fieldSize(uses[name].to);
      return answer?.(call) ?? Float32Array.from({ length }, (_, i) => Math.sin(i));
    },
  };
}

const draw = async (from: Subject, file: string) => drawers.find((drawer) => drawer.file === file)!.draw(from);
const filesOf = async (from: Subject) => {
  const pictures = await Promise.all(drawers.map((drawer) => drawer.draw(from)));
  return pictures.flatMap((picture) => picture?.file ?? []);
};

const autoencoder = (x: Field, code: number): Subject["uses"] => ({
  encode: { from: { x }, to: vector(code) },
  decode: { from: { code: vector(code) }, to: x },
  reconstruct: { from: { x }, to: x },
});
const generative = (x: Field, code: number): Subject["uses"] => ({
  ...autoencoder(x, code),
  sample: { from: {}, to: x },
});

test("a picture follows from uses and kinds", async () => {
  expect(await filesOf(subject({ uses: {} }))).toEqual([]);
  expect(await filesOf(subject({ uses: generative(IMAGE, 2) }))).toEqual([
    "samples.png",
    "reconstructions.png",
    "latent.png",
    "manifold.png",
  ]);
  expect(await filesOf(subject({ uses: autoencoder(IMAGE, 8) }))).toEqual(["reconstructions.png", "latent.png"]);
  expect(await filesOf(subject({ uses: { sample: { from: {}, to: IMAGE } } }))).toEqual(["samples.png"]);
  expect(await filesOf(subject({ uses: generative(SERIES, 2), x: SERIES }))).toHaveLength(4);
});

test("vectors, tables and images of other channels have no picture but that of their codes", async () => {
  const strange = pixels([4, 4, 2]);
  for (const x of [ROW, strange]) expect(await filesOf(subject({ uses: generative(x, 2), x }))).toEqual(["latent.png"]);
});

test("codes that are no vector have no picture", async () => {
  const bits: Field = { kind: "bits", shape: [2], store: "u8" };
  const uses = { encode: { from: { x: IMAGE }, to: bits }, decode: { from: { code: bits }, to: IMAGE } };
  expect(await filesOf(subject({ uses }))).toEqual([]);
});

test("a use that takes what the data lack is not asked for", async () => {
  const uses = { reconstruct: { from: { x: IMAGE, mask: IMAGE }, to: IMAGE } };
  const model = subject({ uses });
  expect(await filesOf(model)).toEqual([]);
  expect(model.calls).toEqual([]);
});

test("samples are of one seed, and few in a fast run", async () => {
  for (const [fast, count] of [
    [true, 16],
    [false, 64],
  ] as const) {
    const model = subject({ uses: generative(IMAGE, 2), fast });
    await draw(model, "samples.png");
    expect(model.calls).toEqual([{ name: "sample", count, inputs: {}, seed: 7 }]);
  }
});

test("a model that takes a class shows a row of each", async () => {
  const model = subject({ uses: { sample: { from: { label: LABEL }, to: IMAGE } }, fast: false });
  const picture = (await draw(model, "samples.png"))!;
  const [{ count, inputs }] = model.calls;
  expect(count).toBe(30);
  expect([...inputs.label]).toEqual(Array.from({ length: 30 }, (_, i) => Math.floor(i / 10)));
  expect(decodePng(picture.png).height).toBe(3 * 86 + 2);
  expect(picture.caption).toBe("Samples, a row for each class");

  const many = subject({ uses: { sample: { from: { label: labels(1000) }, to: IMAGE } }, label: labels(1000) });
  expect((await draw(many, "samples.png"))!.caption).toBe("Samples, a row for the first 20 of 1000 classes");
});

test("reconstructions take the class where the model does, and the examples as they are stored", async () => {
  const model = subject({ uses: { reconstruct: { from: { x: IMAGE, label: LABEL }, to: IMAGE } } });
  const picture = (await draw(model, "reconstructions.png"))!;
  expect(model.calls[0].count).toBe(8);
  expect(model.calls[0].inputs.x).toEqual(Uint8Array.from({ length: 8 * 16 }, (_, i) => (i * 7) % 256));
  expect([...model.calls[0].inputs.label]).toEqual([0, 1, 2, 0, 1, 2, 0, 1]);
  // The first pixels of the second original: stored 112 and 119.
  const { width, pixels } = decodePng(picture.png);
  const at = (x: number, y: number) => pixels[(y * width + x) * 3];
  const second = width - 24 - 8 * 84 - 7 * 4 + 88;
  expect([at(second, 24), at(second + 21, 24)]).toEqual([112, 119]);
});

test("a denoiser is shown what it was given: the noisy examples, which it reconstructs", async () => {
  const noisy = new Float32Array(8 * 16).fill(0.25);
  const uses = { ...autoencoder(IMAGE, 8), corrupt: { from: { x: IMAGE }, to: IMAGE } };
  const model = subject({ uses, answer: ({ name }) => (name === "corrupt" ? noisy : undefined) });
  const picture = (await draw(model, "reconstructions.png"))!;
  expect(model.calls.map(({ name }) => name)).toEqual(["corrupt", "reconstruct"]);
  expect(model.calls[1].inputs.x).toBe(noisy);
  expect(picture.caption).toContain("noisy");
  const pairs = (await draw(subject({ uses: autoencoder(IMAGE, 8) }), "reconstructions.png"))!;
  expect(decodePng(picture.png).height).toBe(decodePng(pairs.png).height + 88);
});

test("values that no unit bounds are drawn between the smallest and largest of all examples", async () => {
  const x: Field = { kind: "image", shape: [4, 4, 1], store: "f32" };
  const stored = Float32Array.from({ length: COUNT * 16 }, (_, i) => (i === COUNT * 16 - 1 ? 30 : -10)); // the last: white
  const answer = ({ count }: Call) => new Float32Array(count * 16).fill(10);
  const picture = (await draw(subject({ x, stored, answer, uses: { sample: { from: {}, to: x } } }), "samples.png"))!;
  expect(decodePng(picture.png).pixels[(3 * decodePng(picture.png).width + 3) * 3]).toBe(128);
});

test("the plane is the prior's middle 95 % where there is a prior", async () => {
  const model = subject({ uses: generative(IMAGE, 2) });
  const { caption } = (await draw(model, "manifold.png"))!;
  expect(caption).toBe("The latent plane, decoded point by point: the middle 95 % of the prior in each direction");
  const [{ name, count, inputs }] = model.calls;
  expect([name, count]).toEqual(["decode", 25]);
  const round = (values: FieldValues) => Array.from(values, (value) => Number(value.toFixed(5)));
  expect(round(inputs.code.subarray(0, 4))).toEqual([-1.96, 1.96, -0.98, 1.96]);
  expect(round(inputs.code.subarray(-2))).toEqual([1.96, -1.96]);
});

test("else it is the middle 95 % of the codes, in each direction", async () => {
  // The first number goes from 0 to 39, the second is always 5, and one code is no number.
  const codes = Float32Array.from({ length: 80 }, (_, i) => (i % 2 ? 5 : i / 2)).fill(Number.NaN, 0, 1);
  const model = subject({ uses: autoencoder(IMAGE, 2), answer: ({ name }) => (name === "encode" ? codes : undefined) });
  const { caption } = (await draw(model, "manifold.png"))!;
  expect(caption).toContain("the codes of test examples");
  const plane = model.calls[1].inputs.code;
  expect([plane[0], plane[1], plane[48], plane[49]]).toEqual([2, 6, 38, 4]);
});

test("a plane needs a code of two numbers, and a decoder that needs nothing else", async () => {
  expect(await draw(subject({ uses: generative(IMAGE, 3) }), "manifold.png")).toBeUndefined();
  const conditional = { decode: { from: { code: vector(2), label: LABEL }, to: IMAGE } };
  expect(await draw(subject({ uses: conditional }), "manifold.png")).toBeUndefined();
});

test("samples that are points of the plane are dots over as many examples", async () => {
  const x = vector(2);
  // Examples in the corners low left and low right, samples in those above.
  const corner = (y: number) => (_: unknown, i: number) => (i % 2 ? y : i % 4 === 0 ? -1 : 1);
  const stored = Float32Array.from({ length: 2 * COUNT }, corner(-1));
  const answer = ({ count }: Call) => Float32Array.from({ length: 2 * count }, corner(1));
  const model = subject({ x, stored, answer, uses: { sample: { from: {}, to: x } } });
  expect(await filesOf(model)).toEqual(["points.png"]);
  const { png, caption } = (await draw(model, "points.png"))!;
  expect(caption).toBe("Samples over test examples");
  expect(model.calls[0]).toEqual({ name: "sample", count: COUNT, inputs: {}, seed: 7 });
  const { width, height, pixels } = decodePng(png);
  const kinds = (from: number, to: number) => {
    let [blue, red] = [0, 0];
    for (let at = from * width * 3; at < to * width * 3; at += 3) {
      const [r, , b] = pixels.subarray(at, at + 3);
      if (b - r > 100) blue++;
      if (r - b > 40) red++;
    }
    return { blue, red };
  };
  const [above, below] = [kinds(130, height / 2), kinds(height / 2, height)]; // below the legend;
  expect(above.red).toBeGreaterThan(100);
  expect(above.blue).toBe(0);
  expect(below.blue).toBeGreaterThan(100);
  expect(below.red).toBe(0);
});

test("points of another size than the data's, and vectors of more numbers, are no dots", async () => {
  const sampling = { sample: { from: {}, to: vector(2) } };
  expect(await filesOf(subject({ x: ROW, uses: sampling }))).toEqual([]);
  expect(await filesOf(subject({ x: vector(3), uses: { sample: { from: {}, to: vector(3) } } }))).toEqual([]);
});

test("codes of one, two and many numbers are points of a plane", async () => {
  const sizes = new Set<string>();
  for (const width of [1, 2, 3, 40]) {
    const model = subject({ uses: autoencoder(IMAGE, width) });
    const { png, caption } = (await draw(model, "latent.png"))!;
    expect(model.calls[0].count).toBe(COUNT);
    expect(caption).toBe("Codes of test examples");
    sizes.add(`${decodePng(png).width}`);
  }
  expect([...sizes]).toEqual(["960"]);
});

test("a classifier's errors are counted, and what is no number is one", async () => {
  const probabilities = Float32Array.from({ length: COUNT * 3 }, (_, at) => {
    const [i, k] = [Math.floor(at / 3), at % 3];
    if (i === 7) return Number.NaN;
    const predicted = i < 4 ? (i + 1) % 3 : i % 3; // the first four are wrong
    return k === predicted ? 0.9 : 0.05;
  });
  const uses = { classify: { from: { x: IMAGE }, to: vector(3) } };
  const model = subject({ uses, answer: () => probabilities });
  const { caption, file } = (await draw(model, "confusion.png"))!;
  expect(file).toBe("confusion.png");
  expect(caption).toContain("12.50 % are wrong (5 of 40); 1 with a probability that is no number");
});

test("what is right is blue and what is wrong is not, in the row of the true class", async () => {
  const one = (k: number) => Float32Array.from({ length: COUNT * 3 }, (_, at) => (at % 3 === k ? 1 : 0));
  const uses = { classify: { from: { x: IMAGE }, to: vector(3) } };
  const { png } = (await draw(subject({ uses, answer: () => one(1) }), "confusion.png"))!;
  const { width, height, pixels } = decodePng(png);
  // Cells are 44 wide with gaps of 2, and the table ends 28 before the edge.
  const corner = (row: number, column: number) => {
    const [x, y] = [width - 28 - 2 - (3 - column) * 46 + 4, height - 28 - 2 - (3 - row) * 46 + 4];
    return [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  };
  expect(corner(1, 1)).toEqual([59, 108, 224]);
  for (const row of [0, 2]) expect(corner(row, 1)).toEqual([192, 60, 132]);
  for (const row of [0, 1, 2]) for (const column of [0, 2]) expect(corner(row, column)).toEqual([255, 255, 255]);
});

test("tables of many classes, and of long names, are whole pictures", async () => {
  for (const classes of [12, 60]) {
    const label = labels(
      classes,
      Array.from({ length: classes }, (_, k) => `a long name of class ${k}`),
    );
    const uses = { classify: { from: { x: IMAGE }, to: vector(classes) } };
    const { png } = (await draw(subject({ uses, label }), "confusion.png"))!;
    expect(decodePng(png).width).toBeLessThan(1500);
  }
});

test("scores are drawn of all examples, each class in its colour", async () => {
  const uses = { score: { from: { x: IMAGE }, to: vector(1) } };
  const model = subject({ uses, fast: false });
  const { caption, png } = (await draw(model, "scores.png"))!;
  expect(model.calls).toMatchObject([{ name: "score", count: COUNT }]);
  expect(caption).toBe("Scores of test examples: how badly each is redrawn");
  const { pixels } = decodePng(png);
  for (const color of CATEGORIES.slice(0, 3)) {
    expect(pixels.some((_, at) => at % 3 === 0 && color.every((value, c) => pixels[at + c] === value))).toBe(true);
  }
  expect(await draw(subject({ uses: { score: { from: { x: IMAGE }, to: vector(2) } } }), "scores.png")).toBeUndefined();
});

test("what is known by its place is drawn of the training examples, by their places", async () => {
  const index = labels(COUNT);
  const uses = {
    reconstruct: { from: { index }, to: IMAGE },
    encode: { from: { index }, to: vector(3) },
  };
  const model: Subject & { calls: Call[] } = { ...subject({ uses }), split: "training" };
  expect((await draw(model, "reconstructions.png"))!.caption).toBe("Training examples above their reconstructions");
  expect((await draw(model, "latent.png"))!.caption).toBe("Codes of training examples");
  expect(Object.keys(model.calls[0].inputs)).toEqual(["index"]);
  expect([...model.calls[0].inputs.index]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("without labels nothing is confused, and without examples nothing is drawn but noise", async () => {
  const model = subject({ uses: { ...generative(IMAGE, 3), classify: { from: { x: IMAGE }, to: vector(3) } } });
  expect(await draw({ ...model, fields: { x: IMAGE } }, "confusion.png")).toBeUndefined();
  const empty = { count: 0, values: { x: new Uint8Array(0), label: new Uint8Array(0) } };
  expect(await filesOf({ ...model, examples: empty })).toEqual(["samples.png"]);
});
