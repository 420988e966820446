import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { labels, pixels } from "../../src/data/dataset.ts";
import { drawShapes } from "../../src/data/shapes/draw.ts";
import { COMBINATIONS, drawFactors } from "../../src/data/shapes/factors.ts";
import { posesOf } from "../../src/data/shapes/pose.ts";
import { shapes } from "../../src/data/shapes.ts";
import { ReparamError } from "../../src/errors.ts";
import { long } from "../support/long.ts";

const SOURCE = resolve(import.meta.dirname, "../../src/data/shapes");
const SHAPES = ["ellipse", "square", "heart"] as const;

/** One image by its factors. */
function draw(shape: number, scale: number, rotation: number, x: number, y: number, size = 64): Uint8Array {
  return drawShapes(posesOf(Uint8Array.of(shape, scale, rotation, x, y), size), size);
}

/** Sum over an image of its coverage times a function of the place, x to the right and y down, in pixels. */
function integral(image: Uint8Array, of: (x: number, y: number) => number): number {
  const size = Math.sqrt(image.length);
  return image.reduce((sum, grey, at) => {
    if (grey === 0) return sum;
    return sum + (grey / 255) * of((at % size) + 0.5, Math.floor(at / size) + 0.5);
  }, 0);
}

test("the default set is 30,000 + 5,000 images of 64x64 with their factors, and the shape is the label", () => {
  const { name, fields, train, test } = shapes();
  expect(name).toBe("shapes");
  expect(fields).toEqual({
    x: pixels([64, 64, 1]),
    label: labels(3, SHAPES),
    factors: { kind: "vector", shape: [5], store: "u8", names: ["shape", "scale", "rotation", "x", "y"] },
  });
  for (const [{ count, values }, expected] of [
    [train, 30_000],
    [test, 5000],
  ] as const) {
    expect(count).toBe(expected);
    expect(values.x.length).toBe(expected * 64 * 64);
    expect(values.factors.length).toBe(expected * 5);
    expect([...values.label]).toEqual(Array.from({ length: count }, (_, k) => values.factors[5 * k]));
  }
  // Each class of each factor comes as often as chance has it, give or take five standard deviations.
  for (const [factor, classes] of [3, 6, 40, 32, 32].entries()) {
    const counts = new Array<number>(classes).fill(0);
    for (let k = 0; k < train.count; k++) counts[train.values.factors[5 * k + factor]]++;
    const expected = train.count / classes;
    for (const count of counts) expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
  }
});

test("the bytes are the same everywhere: a pinned checksum", () => {
  const { train, test } = shapes({ seed: 1, trainCount: 300, testCount: 100 });
  const hash = createHash("sha256");
  for (const { values } of [train, test]) hash.update(values.x).update(values.label).update(values.factors);
  expect(hash.digest("hex")).toBe("2e93d0d46e96ffcaf212a604ea68548d79a9da2083ba2051f63c6b8ec3dba864");
});

test("only arithmetic that IEEE 754 fixes to the last bit is used", () => {
  const exact = ["sqrt", "floor", "ceil", "min", "max", "abs", "SQRT1_2"];
  for (const file of readdirSync(SOURCE).map((name) => join(SOURCE, name))) {
    const code = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    for (const [, name] of code.matchAll(/Math\.(\w+)/g)) expect(exact, `Math.${name} in ${file}`).toContain(name);
    expect(code, file).not.toContain("**");
  }
});

test("the whole of both splits is every combination once, in an order that the seed shuffles", () => {
  const number = (factors: Uint8Array, k: number) => {
    const [shape, scale, rotation, x, y] = factors.subarray(5 * k, 5 * k + 5);
    return (((shape * 6 + scale) * 40 + rotation) * 32 + x) * 32 + y;
  };
  const [trainCount, testCount] = [COMBINATIONS - 1000, 1000];
  const [train, test] = [drawFactors([7, 1], "train", trainCount), drawFactors([7, 1], "test", testCount)];
  const seen = new Uint8Array(COMBINATIONS);
  for (let k = 0; k < trainCount; k++) seen[number(train, k)]++;
  for (let k = 0; k < testCount; k++) seen[number(test, k)]++;
  expect(COMBINATIONS).toBe(737_280);
  expect(seen.every((times) => times === 1)).toBe(true);
  expect(drawFactors([8, 1], "train", 100)).not.toEqual(train.subarray(0, 500));
  expect(drawFactors([7, 2], "train", 100)).not.toEqual(train.subarray(0, 500));
});

test("a smaller set begins a larger one, and the other split does not matter", () => {
  const large = shapes({ seed: 3, trainCount: 30, testCount: 20 });
  const small = shapes({ seed: 3, trainCount: 4, testCount: 7 });
  for (const split of ["train", "test"] as const) {
    const { count, values } = small[split];
    for (const [name, size] of [
      ["x", 64 * 64],
      ["label", 1],
      ["factors", 5],
    ] as const) {
      expect(values[name]).toEqual(large[split].values[name].slice(0, count * size));
    }
  }
});

test("every shape of every scale and rotation has the area of its scale, and its centre of mass at its place", () => {
  for (const [shape, name] of SHAPES.entries()) {
    for (let scale = 0; scale < 6; scale++) {
      for (let rotation = 0; rotation < 40; rotation += long ? 1 : 5) {
        const image = draw(shape, scale, rotation, 3, 30);
        const radius = 15 * (0.5 + 0.1 * scale);
        const area = integral(image, () => 1);
        const what = `${name} ${scale} ${rotation}`;
        expect(Math.abs(area / (0.6 * Math.PI * radius ** 2) - 1), what).toBeLessThan(0.025);
        expect(Math.abs(integral(image, (x) => x) / area - 19.5), what).toBeLessThan(0.05);
        expect(Math.abs(integral(image, (_, y) => y) / area - 46.5), what).toBeLessThan(0.05);
      }
    }
  }
});

test("a class of x or y is a pixel at 64x64, and no shape reaches the border", () => {
  for (const shape of [0, 1, 2]) {
    const image = draw(shape, 5, 7, 0, 0);
    const moved = draw(shape, 5, 7, 31, 31);
    // 31 rows down and 31 columns to the right.
    const [way, shared] = [64 * 31 + 31, 64 * 32];
    expect(image.subarray(0, shared)).toEqual(moved.subarray(way, way + shared));
    for (const corner of [image, moved]) {
      const ink = integral(corner, (x, y) => Number(Math.min(x, y) < 1 || Math.max(x, y) > 63));
      expect(ink).toBe(0);
    }
  }
});

test("ten classes of rotation are a quarter turn, counter-clockwise and to the byte; symmetries are those of the shapes", () => {
  /** What was at the right is at the top. */
  const turned = (image: Uint8Array) =>
    Uint8Array.from(image, (_, at) => image[(at % 64) * 64 + (63 - Math.floor(at / 64))]);
  for (const shape of [0, 1, 2]) {
    for (const rotation of [0, 3, 8]) {
      expect(draw(shape, 2, rotation + 10, 20, 31 - 5)).toEqual(turned(draw(shape, 2, rotation, 5, 20)));
    }
  }
  expect(draw(0, 4, 23, 9, 9)).toEqual(draw(0, 4, 3, 9, 9));
  expect(draw(1, 4, 13, 9, 9)).toEqual(draw(1, 4, 3, 9, 9));
  expect(draw(0, 4, 13, 9, 9)).not.toEqual(draw(0, 4, 3, 9, 9));
  expect(draw(2, 4, 23, 9, 9)).not.toEqual(draw(2, 4, 3, 9, 9));
});

test("an upright heart has two lobes above and one tip below, and is the same in the mirror", () => {
  const image = draw(2, 5, 0, 15, 15);
  /** Runs of ink in a row. */
  const runs = (row: number) => {
    const line = [...image.subarray(64 * row, 64 * (row + 1))].map((grey) => grey > 127);
    return line.filter((ink, at) => ink && !line[at - 1]).length;
  };
  const inked = Array.from({ length: 64 }, (_, row) => row).filter((row) => runs(row) > 0);
  expect([runs(inked[0]), runs(inked[1]), runs(inked[10]), runs(inked.at(-1)!)]).toEqual([2, 2, 1, 1]);
  // Its middle is that of column 31.
  const mirrored = Uint8Array.from(image, (_, at) => (at % 64 < 63 ? image[at + 62 - 2 * (at % 64)] : 0));
  expect(image).toEqual(mirrored);
});

test("of all rotations each is the one that the upright shape comes to when it is turned by its angle", () => {
  for (const [shape, period] of [20, 10, 40].entries()) {
    const drawn = Array.from({ length: 40 }, (_, rotation) => draw(shape, 5, rotation, 15, 15));
    for (let rotation = 0; rotation < 40; rotation++) {
      const expected = turn(drawn[0], (2 * Math.PI * rotation) / 40);
      const off = drawn.map((image) => image.reduce((sum, grey, at) => sum + Math.abs(grey - expected[at]), 0));
      expect(off.indexOf(Math.min(...off)) % period, `${SHAPES[shape]} ${rotation}`).toBe(rotation % period);
    }
  }
});

/** An image turned counter-clockwise about the middle of its pixel (31, 31), between its pixels by what they are. */
function turn(image: Uint8Array, angle: number): Float64Array {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return Float64Array.from(image, (_, at) => {
    const [right, down] = [(at % 64) - 31, Math.floor(at / 64) - 31];
    const [x, y] = [31 + cosine * right - sine * down, 31 + cosine * down + sine * right];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const between = (row: number) => {
      const of = (column: number) => image[64 * row + column] ?? 0;
      return of(left) + (x - left) * (of(left + 1) - of(left));
    };
    return between(top) + (y - top) * (between(top + 1) - between(top));
  });
}

test("another size is the same picture, finer or coarser", () => {
  for (const size of [32, 100, 128]) {
    const image = draw(2, 3, 6, 4, 20, size);
    const step = size / 64;
    const area = integral(image, () => step ** -2);
    expect(Math.abs(area / (0.6 * Math.PI * 12 ** 2) - 1)).toBeLessThan(0.02);
    expect(integral(image, (x) => x / step ** 3) / area).toBeCloseTo(20.5, 1);
    expect(integral(image, (_, y) => y / step ** 3) / area).toBeCloseTo(36.5, 1);
  }
});

test("an option that is not what it has to be is refused in words", () => {
  const refused: [Parameters<typeof shapes>[0], string][] = [
    [{ seed: -1 }, "shapes: seed must be a whole number of at least 0, but it is -1."],
    [{ trainCount: 0 }, "shapes: trainCount must be a whole number from 1 to 737280, but it is 0."],
    [{ testCount: 0.5 }, "shapes: testCount must be a whole number from 1 to 737280, but it is 0.5."],
    [
      { trainCount: 737_000, testCount: 281 },
      "shapes: trainCount 737000 and testCount 281 are more than the 737280 images that there are.",
    ],
    [{ size: 30 }, "shapes: size must be a multiple of 4 from 32 to 256, but it is 30."],
    [{ size: 512 }, "shapes: size must be a multiple of 4 from 32 to 256, but it is 512."],
    [
      { size: 256, trainCount: 100_000 },
      "shapes: these are 6.55 GB in one array, which has at most 4.29 GB: ask for fewer images, or smaller ones.",
    ],
  ];
  for (const [options, sentence] of refused) {
    expect(() => shapes(options)).toThrow(ReparamError);
    expect(() => shapes(options)).toThrow(sentence);
  }
});
