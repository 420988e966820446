import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { zipSync } from "fflate";
import { fieldSize, labels, pixels } from "../../src/data/dataset.ts";
import { type DataFile, type ReadDatasetOptions, readDataset } from "../../src/data/read-dataset.ts";
import { readConstraints } from "../../src/data/read-options.ts";
import { ReparamError } from "../../src/errors.ts";
import type { NumberArray } from "../../src/formats/elements.ts";
import { encodeIdx } from "../../src/formats/idx.ts";
import { encodeNpy } from "../../src/formats/npy.ts";
import { encodePng } from "../../src/formats/png.ts";
import { damaged, damages } from "../formats/corruption.ts";
import { makePng } from "../formats/make-png.ts";

const file = (name: string, content: string | Uint8Array): DataFile => ({
  name,
  bytes: typeof content === "string" ? new TextEncoder().encode(content) : content,
});

async function refusal(files: readonly DataFile[], options?: ReadDatasetOptions): Promise<string> {
  const error = await readDataset(files, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ReparamError);
  return (error as ReparamError).message;
}

/** Two splits behind one another, in the order of the file. */
async function rows(files: readonly DataFile[], options?: ReadDatasetOptions): Promise<number[][]> {
  const { fields, train, test } = await readDataset(files, options);
  const size = fieldSize(fields.x);
  const all = [train, test].flatMap(({ rows, values }) =>
    [...rows!].map((row, k) => ({ row, x: [...values.x.subarray(k * size, (k + 1) * size)] })),
  );
  return all.toSorted((a, b) => a.row - b.row).map(({ x }) => x);
}

const bytes = (count: number, size: number, first = 0) =>
  Uint8Array.from({ length: count * size }, (_, i) => (first + i) % 256);

test.describe("tables", () => {
  const iris = "id,length,width,class\n7,1,0.5,b\n8,2,1.5,a\n9,3,2.5,b\n";

  test("columns of numbers are a vector with names, and the column called class the label", async () => {
    const { name, fields, train, test, remarks } = await readDataset([file("iris.csv", iris)], { ignore: ["id"] });
    expect(name).toBe("iris.csv");
    expect(fields).toEqual({
      x: { kind: "vector", shape: [2], store: "f32", names: ["length", "width"] },
      label: labels(2, ["a", "b"]),
    });
    expect(await rows([file("iris.csv", iris)], { ignore: ["id"] })).toEqual([
      [1, 0.5],
      [2, 1.5],
      [3, 2.5],
    ]);
    const classes = [1, 0, 1];
    for (const { rows, values } of [train, test])
      expect([...values.label]).toEqual([...rows!].map((row) => classes[row]));
    expect(remarks).toEqual([
      "iris.csv: columns have names: length, width",
      "iris.csv: the class is in column class",
      "held out for the test: 1 of 3 examples, which data.seed selects",
      expect.stringMatching(/^values lie in .* to .*; data\.scale=/),
    ]);
  });

  test("a label column is told by name or number, and false is none", async () => {
    const { fields } = await readDataset([file("a.csv", "kind,v\nx,1\ny,2\n")], { label: "kind" });
    expect(fields).toMatchObject({ x: { names: ["v"] }, label: { classes: 2, names: ["x", "y"] } });
    const numbered = await readDataset([file("a.csv", "3,1.5\n1,2.5\n2,3.5\n")], { label: 1 });
    expect(numbered.fields.x).toEqual({ kind: "vector", shape: [1], store: "f32" });
    expect(numbered.fields.label).toEqual(labels(3, ["1", "2", "3"]));
    const none = await readDataset([file("a.csv", "label,v\n0,1\n1,2\n")], { label: false });
    expect(none.fields).toMatchObject({ x: { names: ["label", "v"] } });
    expect(none.fields.label).toBeUndefined();
    expect(await refusal([file("a.csv", "kind,v\nx,1\n")], { label: "kinds" })).toBe(
      'a.csv has no column "kinds", which data.label names; did you mean "kind"? It has kind, v.',
    );
  });

  test("what is no number is refused with its line and column, and what to do", async () => {
    const refused: [string, string][] = [
      [
        "a,b\n1,\n2,3\n",
        'a.csv: line 2, column b is empty: data.missing=drop leaves out such rows, and data.ignore=["b"] leaves the column out.',
      ],
      [
        "a,b\n1,2\n2,NaN\n",
        'a.csv: line 3, column b is NaN: data.missing=drop leaves out such rows, and data.ignore=["b"] leaves the column out.',
      ],
      ["a,b\n1,2\n2,x y\n", 'a.csv: line 3, column b is "x y", no number: data.ignore=["b"] leaves the column out.'],
      [
        "a;b\n1,5;2\n2,5;3\n",
        'a.csv: line 2, column a is "1,5", no number (numbers are written with a point): data.ignore=["a"] leaves the column out.',
      ],
      [
        "1,2\n2,1e999\n",
        'a.csv: line 2, column 2 is "1e999", no number, too large: data.ignore=["2"] leaves the column out.',
      ],
      [
        "1,2\n2,1e39\n",
        "a.csv: line 2, column 2 is 1e+39, and the largest 32-bit float is 3.40e+38; numbers have to be finite.",
      ],
      ["a,a\n1,2\n", 'a.csv has two columns called "a"; rename one.'],
      ["a,label\n1,1.5\n", "a.csv: the label of line 2, column label, is 1.5, and classes are words or whole numbers."],
      [
        "a,label\n1,\n",
        "a.csv: line 2, column label, has no class: data.missing=drop leaves out such rows, and data.label=false all classes.",
      ],
      ["label\n1\n2\n", "a.csv has no column of numbers left for examples."],
      ["a,b\n1,2\n", "a.csv holds a single example; at least two are needed to train and to test."],
    ];
    for (const [text, sentence] of refused) expect(await refusal([file("a.csv", text)])).toBe(sentence);
  });

  test("rows without a value are dropped where that is asked for, and named", async () => {
    const text = "a,label\n1,x\n,y\n3,\n4,y\n5,x\n";
    const { remarks } = await readDataset([file("a.csv", text)], { missing: "drop" });
    expect(remarks).toContain("a.csv: 2 of 5 rows lack a value and are left out: line 3, line 4");
    expect(await rows([file("a.csv", text)], { missing: "drop" })).toEqual([[1], [4], [5]]);
  });

  test("columns are examples where that is asked for", async () => {
    const genes = "gene,s1,s2,s3\nBRCA,1,2,3\nTP53,4,5,6\nlabel,ill,well,ill\n";
    const { fields } = await readDataset([file("genes.tsv", genes.replaceAll(",", "\t"))], { examples: "columns" });
    expect(fields).toEqual({
      x: { kind: "vector", shape: [2], store: "f32", names: ["BRCA", "TP53"] },
      label: labels(2, ["ill", "well"]),
    });
    expect(await rows([file("genes.csv", genes)], { examples: "columns" })).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(await refusal([file("genes.csv", "gene,s1,s2\nBRCA,1,NA\n")], { examples: "columns" })).toContain(
      "genes.csv: column s2, column BRCA is NA",
    );
  });

  test("two tables called train and test are the splits, by their columns' names", async () => {
    const { fields, train, test } = await readDataset([
      file("data/train.csv", "a,b,label\n1,2,x\n3,4,z\n"),
      file("data/test.csv", "label,b,extra,a\ny,6,0,5\n"),
    ]);
    expect(fields.label).toEqual(labels(3, ["x", "y", "z"]));
    expect(train).toEqual({ count: 2, values: { x: Float32Array.of(1, 2, 3, 4), label: Uint8Array.of(0, 2) } });
    expect(test).toEqual({ count: 1, values: { x: Float32Array.of(5, 6), label: Uint8Array.of(1) } });
    expect(await refusal([file("train.csv", "a,b\n1,2\n"), file("test.csv", "a,c\n1,2\n")])).toContain(
      'test.csv has no column "b", which is trained on; did you mean "a"? It has a, c.',
    );
  });

  test("numbers far from 0 for 32-bit floats are told", async () => {
    const times = "t,v\n1600000000,1\n1600000010,2\n1600000020,3\n";
    const { remarks } = await readDataset([file("a.csv", times)]);
    expect(remarks).toContain(
      "a.csv: t: the values differ by little more than 32-bit floats can tell; take a number near them off first",
    );
  });
});

test.describe("arrays", () => {
  const npy = (name: string, shape: number[], data: NumberArray["data"]) => file(name, encodeNpy({ shape, data }));

  test("what follows the count is an image, an image with channels, or a vector", async () => {
    const x = async (shape: number[], data: NumberArray["data"], options?: ReadDatasetOptions) =>
      (await readDataset([npy("x.npy", shape, data)], options)).fields.x;
    expect(await x([4, 2, 3], bytes(4, 6))).toEqual(pixels([2, 3, 1]));
    expect(await x([4, 2, 2, 3], bytes(4, 12))).toEqual(pixels([2, 2, 3]));
    expect(await x([4, 6], bytes(4, 6))).toEqual(pixels([6]));
    expect(await x([4, 6], new Float32Array(24))).toEqual({ kind: "vector", shape: [6], store: "f32" });
    expect(await x([4, 2, 3], new Float64Array(24))).toEqual({ kind: "image", shape: [2, 3, 1], store: "f32" });
    expect(await x([4, 6], Uint16Array.from(bytes(4, 6)))).toEqual({
      kind: "vector",
      shape: [6],
      store: "u16",
      unit: 65_535,
    });
    expect(await x([4, 6], new Float32Array(24), { kind: "series" })).toEqual({
      kind: "series",
      shape: [6],
      store: "f32",
    });
    expect(await x([4, 3, 2], new Float32Array(24), { kind: "series" })).toEqual({
      kind: "series",
      shape: [3, 2],
      store: "f32",
    });
    expect(await x([4, 3, 2], bytes(4, 6), { kind: "vector" })).toEqual(pixels([6]));
    // Truth values, and pixels that are black or white, stand for themselves.
    expect(
      await x(
        [4, 2, 3],
        bytes(4, 6).map((byte) => byte % 2),
      ),
    ).toEqual({ ...pixels([2, 3, 1]), unit: 1 });
  });

  test("values are those of the array, whatever its numbers", async () => {
    const expected = [
      [1, -2],
      [3, 4],
      [5, 6],
    ];
    const values = expected.flat();
    const arrays = [
      Int8Array.from(values),
      Int16Array.from(values),
      Int32Array.from(values),
      BigInt64Array.from(values.map(BigInt)),
      Float32Array.from(values),
      Float64Array.from(values),
    ];
    for (const data of arrays) expect(await rows([npy("x.npy", [3, 2], data)])).toEqual(expected);
  });

  test("channels first are asked about, and turned where that is asked for", async () => {
    // Channel c of pixel p of image k is 100 k + 10 c + p.
    const data = Uint8Array.from({ length: 2 * 3 * 5 * 6 }, (_, i) => i % 251);
    const { fields, remarks } = await readDataset([npy("x.npy", [2, 3, 5, 6], data)]);
    expect(fields.x.shape).toEqual([3, 5, 6]);
    expect(remarks![0]).toBe(
      "x.npy: examples are 3 x 5 x 6, taken as height, width, channels; are they channels first? data.channelsFirst=true turns them",
    );
    const [first] = await rows([npy("x.npy", [2, 3, 5, 6], data)], { channelsFirst: true });
    expect(first).toEqual(Array.from({ length: 90 }, (_, i) => data[(i % 3) * 30 + Math.floor(i / 3)]));
    expect(await refusal([npy("x.npy", [2, 3, 5], data.slice(0, 30))], { channelsFirst: true })).toContain(
      "an array of 2 x 3 x 5, which has no channels to be first (data.channelsFirst)",
    );
  });

  test("a column of an array of rows may be the class", async () => {
    const data = Float32Array.of(1, 0.5, 2, 1.5, 5, 2.5, 1, 3.5);
    const { fields, train, test } = await readDataset([npy("x.npy", [4, 2], data)], { label: 1, kind: "series" });
    expect(fields).toEqual({ x: { kind: "series", shape: [1], store: "f32" }, label: labels(3, ["1", "2", "5"]) });
    expect([train.count, test.count]).toEqual([3, 1]);
    expect(await rows([npy("x.npy", [4, 2], data)], { ignore: [1] })).toEqual([[0.5], [1.5], [2.5], [3.5]]);
  });

  test("npz files say by their names what their arrays are", async () => {
    const npz = (arrays: Record<string, NumberArray>) =>
      file(
        "a.npz",
        zipSync(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]))),
      );
    const x = (count: number, first = 0) => ({ shape: [count, 2, 2], data: bytes(count, 4, first) });
    const y = (...values: number[]) => ({ shape: [values.length, 1], data: BigInt64Array.from(values.map(BigInt)) });
    const split = await readDataset([
      npz({ x_train: x(3), y_train: y(0, 2, 1), x_test: x(2, 90), Y_test: y(1, 1), extra: y(1) }),
    ]);
    expect(split.fields).toEqual({ x: pixels([2, 2, 1]), label: labels(3) });
    expect(split.train).toEqual({ count: 3, values: { x: bytes(3, 4), label: Uint8Array.of(0, 2, 1) } });
    expect(split.test).toEqual({ count: 2, values: { x: bytes(2, 4, 90), label: Uint8Array.of(1, 1) } });
    expect(split.remarks).toEqual(["a.npz: not used: extra"]);
    for (const [examples, classes] of [
      ["images", "labels"],
      ["x", "y"],
      ["data", "target"],
    ]) {
      const whole = await readDataset([npz({ [examples]: x(4), [classes]: y(3, 1, 1, 3) })]);
      expect(whole.fields.label).toEqual(labels(2, ["1", "3"]));
    }
    expect((await readDataset([npz({ whatever: x(4) })])).fields).toEqual({ x: pixels([2, 2, 1]) });
    expect(await refusal([npz({ a: x(4), b: x(4) })])).toMatch(
      /^a\.npz holds a, b; call its arrays x_train and x_test/,
    );
    expect(await refusal([npz({ x: x(4), y: { shape: [4, 3], data: bytes(4, 3) } })])).toBe(
      "y in a.npz holds an array of 4 x 3, expected a list of labels (one dimension).",
    );
    expect(await refusal([npz({ x: x(4), y: y(1, 2) })])).toBe(
      "y in a.npz holds 2 labels and x in a.npz 4 images; there must be one label for each image.",
    );
  });

  test("what is not finite is refused with its index", async () => {
    const data = new Float32Array(24);
    data[17] = Number.NaN;
    expect(await refusal([npy("x.npy", [4, 2, 3], data)])).toBe(
      "x.npy: its number at [2, 1, 2] is NaN; numbers have to be finite.",
    );
    expect(await refusal([npy("x.npy", [24], data)])).toBe("x.npy holds 24 single numbers (labels?), expected images.");
  });

  test("EMNIST's files are found by their names, and its images stand upright", async () => {
    // Row y, column x of image k is 10 k + 3 y + x in the file, 3 x + y when turned.
    const images = (count: number) => encodeIdx({ shape: [count, 2, 3], data: bytes(count, 6) });
    const classes = (...values: number[]) => encodeIdx({ shape: [values.length], data: Uint8Array.from(values) });
    const letters = [
      file("emnist-letters-train-images-idx3-ubyte.gz", gzipSync(images(3))),
      file("emnist-letters-train-labels-idx1-ubyte.gz", gzipSync(classes(1, 26, 2))),
      file("emnist-letters-test-images-idx3-ubyte.gz", gzipSync(images(1))),
      file("emnist-letters-test-labels-idx1-ubyte.gz", gzipSync(classes(2))),
    ];
    const plain = await readDataset(letters);
    expect(plain.fields).toEqual({ x: pixels([3, 2, 1]), label: labels(3, ["1", "2", "26"]) });
    expect([...plain.train.values.x.subarray(0, 6)]).toEqual([0, 3, 1, 4, 2, 5]);
    expect(plain.remarks).toEqual(["EMNIST's images lie on their side in its files, and are turned upright"]);
    const named = await readDataset([...letters, file("emnist-letters-mapping.txt", "1 65 97\n2 66 98\n26 90 122\n")]);
    expect(named.fields.label.names).toEqual(["Aa", "Bb", "Zz"]);
    expect(named.train.values.label).toEqual(Uint8Array.of(0, 2, 1));
    const digits = letters.map(
      ({ name, ...rest }) => ({ ...rest, name: name.replace("letters", "digits") }) as DataFile,
    );
    expect(await refusal([...letters, ...digits], { name: "gzip" })).toBe(
      "gzip holds several sets of IDX files: emnist-digits, emnist-letters; give one of them, such as gzip/emnist-letters.",
    );
  });
});

test.describe("images", () => {
  const grey = (value: number, width = 3, height = 2) =>
    encodePng({ width, height, channels: 1, pixels: new Uint8Array(width * height).fill(value) });
  const rgb = (value: number) =>
    encodePng({ width: 3, height: 2, channels: 3, pixels: new Uint8Array(18).fill(value) });

  test("folders are classes, train and test are splits, and files stand in the order that people read", async () => {
    const { name, fields, train, test, remarks } = await readDataset([
      file("set/train/dog/10.png", grey(3)),
      file("set/train/dog/9.png", grey(2)),
      file("set/train/cat/1.png", grey(1)),
      file("set/test/dog/1.png", grey(4)),
      file("set/test/.DS_Store", "x"),
      file("set/extra/cat/1.png", grey(9)),
    ]);
    expect(name).toBe("set");
    expect(fields).toEqual({ x: pixels([2, 3, 1]), label: labels(2, ["cat", "dog"]) });
    expect([0, 6, 12].map((i) => train.values.x[i])).toEqual([1, 2, 3]);
    expect(train.values.label).toEqual(Uint8Array.of(0, 1, 1));
    expect(test).toEqual({ count: 1, values: { x: new Uint8Array(6).fill(4), label: Uint8Array.of(1) } });
    expect(remarks).toEqual(["set: the folder extra is not used"]);
  });

  test("a zip is the folder that was packed, or the file; what lies in it is named with it", async () => {
    const files = {
      "set/train/dog/10.png": grey(3),
      "set/train/dog/9.png": grey(2),
      "set/train/cat/1.png": grey(1),
      "set/test/dog/1.png": grey(4),
    };
    const zipped = (content: Record<string, Uint8Array>) => [file("pets.zip", zipSync(content))];
    const folder = await readDataset(Object.entries(files).map(([path, content]) => file(path, content)));
    const { name, ...data } = await readDataset(
      zipped({ ...files, "set/": new Uint8Array(0), "__MACOSX/set/._train": new Uint8Array(3) }),
    );
    expect(name).toBe("pets.zip");
    expect(data).toEqual({ fields: folder.fields, train: folder.train, test: folder.test, remarks: [] });
    expect(await rows(zipped({ "deep/a.csv": new TextEncoder().encode("a,b\n1,2\n3,4\n") }))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await refusal(zipped({ "a/1.png": grey(1), "a/2.png": rgb(1) }))).toMatch(
      /^a\/2\.png in pets\.zip is 3 x 2, RGB, and a\/1\.png in pets\.zip is 3 x 2, grey: /,
    );
    expect(await refusal(zipped({}))).toMatch(/^pets\.zip holds nothing that is read: .* It is empty\.$/);
    expect(await refusal(zipped({ "inner.zip": zipSync(files) }))).toBe(
      "inner.zip in pets.zip holds no .npy arrays, so it is no .npz file.",
    );
  });

  test("files without folders have no classes, and 16 bits stay", async () => {
    const wide = (value: number) => makePng({ width: 2, height: 1, depth: 16, type: 0, numbers: [value, 2 * value] });
    const files = [file("b.png", wide(300)), file("a.png", wide(1))];
    const { fields } = await readDataset(files);
    expect(fields).toEqual({ x: { kind: "image", shape: [1, 2, 1], store: "u16", unit: 65_535 } });
    expect(await rows(files)).toEqual([
      [1, 2],
      [300, 600],
    ]);
  });

  test("the first file that differs is named, and what to do", async () => {
    const advice =
      ": all images need one size and the same channels and bits. Resize or convert them, or leave some out; data.channels=1, 3 or 4 makes all grey, RGB or RGBA.";
    expect(await refusal([file("a.png", grey(1)), file("b.png", grey(1, 4)), file("c.png", grey(1, 5))])).toBe(
      `b.png is 4 x 2, grey, and a.png is 3 x 2, grey${advice}`,
    );
    expect(await refusal([file("a.png", grey(1)), file("b.png", rgb(1))])).toBe(
      `b.png is 3 x 2, RGB, and a.png is 3 x 2, grey${advice}`,
    );
    const wide = makePng({ width: 3, height: 2, depth: 16, type: 0, numbers: [1, 2, 3, 4, 5, 6] });
    expect(await refusal([file("a.png", grey(1)), file("b.png", wide)])).toContain(
      "b.png is 3 x 2, grey of 16 bits, and",
    );
    expect(await refusal([file("train/a/1.png", grey(1)), file("test/a/1.png", grey(1, 5))])).toContain(
      "test/a/1.png is 5 x 2, grey, and the images of the files/train is 3 x 2, grey",
    );
    const mixed = [file("a.png", grey(1)), file("b.png", rgb(7))];
    expect(await rows(mixed, { channels: 3 })).toEqual([new Array(18).fill(1), new Array(18).fill(7)]);
    expect(await rows(mixed, { channels: 1 })).toEqual([new Array(6).fill(1), new Array(6).fill(7)]);
    expect(await refusal([file("a.png", grey(1)), file("cat/b.png", grey(1))])).toBe(
      "a.png lies in no folder of a class, and others lie in cat: put it into one, or all into none.",
    );
    expect(await refusal([file("a.png", grey(1))])).toBe("a.png is one image; give a folder of images.");
    expect(await refusal([file("a.png", grey(1)), file("b.png", grey(1).subarray(0, 50))])).toMatch(
      /^b\.png is a damaged .* byte 50/,
    );
  });
});

test("values are scaled by the training split, and a constant column is told", async () => {
  const train = file("train.csv", "a,b,c\n1,5,-1\n2,5,0\n3,5,4\n");
  const test_ = file("test.csv", "a,b,c\n4,6,-1\n");
  const unit = await readDataset([train, test_], { scale: "unit" });
  expect(unit.fields.x.scaling).toEqual({ center: [1, 5, -1], spread: [2, 1, 5] });
  expect([...unit.train.values.x]).toEqual([0, 0, 0, 0.5, 0, Math.fround(0.2), 1, 0, 1]);
  expect([...unit.test.values.x]).toEqual([1.5, 1, 0]);
  expect(unit.remarks!.at(-1)).toBe("always the same in the training examples: column b");
  const standard = await readDataset([train, test_], { scale: "standard" });
  const [sd, wide] = [Math.sqrt(2 / 3), Math.sqrt(14 / 3)];
  expect(standard.fields.x.scaling).toEqual({ center: [2, 5, 1], spread: [sd, 1, wide] });
  expect([...standard.test.values.x]).toEqual([2 / sd, 1, -2 / wide].map(Math.fround));
  const none = await readDataset([train, test_]);
  expect(none.fields.x.scaling).toBeUndefined();
  expect(none.remarks!.at(-1)).toBe(
    "values lie in -1 to 5; data.scale=unit (0..1) or standard (mean 0, deviation 1) scales them",
  );
  // An image has one scale for all of its pixels.
  const images = await readDataset(
    [file("x.npy", encodeNpy({ shape: [2, 1, 2], data: Float32Array.of(2, 4, 6, 6) }))],
    { scale: "unit" },
  );
  expect(images.fields.x.scaling!.center).toHaveLength(1);
});

test("one of several kinds of files is asked for, and what is not read is named", async () => {
  const array = encodeNpy({ shape: [3, 2], data: bytes(3, 2) });
  expect(await refusal([file("a.npy", array), file("b.npy", array)], { name: "folder" })).toBe(
    "folder holds several data files: a.npy, b.npy; give one of them, or call two of them train and test.",
  );
  expect(await refusal([file("a.doc", "x"), file("b.doc", "y")], { name: "folder" })).toMatch(
    /^folder holds nothing that is read: IDX, \.npy, .*\. It holds a\.doc, b\.doc\.$/,
  );
  expect(await refusal([file("a.doc", "x")])).toMatch(/^a\.doc is none of the files that are read: /);
  expect(await refusal([])).toBe("readDataset was given no files.");
  // Examples and labels in files of their own.
  const y = encodeNpy({ shape: [3], data: Uint8Array.of(5, 6, 5) });
  const whole = await readDataset([file("x.npy", array), file("y.npy", y)]);
  expect(whole.fields.label).toEqual(labels(2, ["5", "6"]));
  const split = await readDataset([
    file("x_train.npy", array),
    file("y_train.npy", y),
    file("x_test.npy", array),
    file("y_test.npy", y),
  ]);
  expect([split.train.count, split.test.count, split.fields.label.classes]).toEqual([3, 3, 2]);
});

test("wrong options are refused in words, and a File is read", async () => {
  for (const [key, { phrase, breaking }] of Object.entries(readConstraints)) {
    for (const value of breaking) {
      const options = { [key]: value } as ReadDatasetOptions;
      expect(await refusal([file("a.csv", "1,2\n3,4\n")], options)).toMatch(
        new RegExp(`^readDataset: ${key}(\\.0)? must be [a-z1]`),
      );
    }
    expect(phrase).not.toBe("");
  }
  expect(await refusal([file("a.csv", "1\n2\n")], { scal: "unit" } as never)).toBe(
    "readDataset: there is no option scal; did you mean scale?",
  );
  expect(await rows([new File(["1,2\n3,4\n"], "a.csv")])).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test("no damage to a file of any kind gives anything but a data set or one refusal", async () => {
  const table = new TextEncoder().encode("a,b,label\n1,2,x\n3,4,y\n5,6,x\n");
  const array = encodeNpy({ shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
  const idx = encodeIdx({ shape: [3, 2, 2], data: bytes(3, 4) });
  const files: [string, Uint8Array][] = [
    ["a.csv", table],
    ["a.npy", array],
    ["a.npz", zipSync({ "x.npy": array })],
    ["a.idx", idx],
    ["a.idx.gz", new Uint8Array(gzipSync(idx))],
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), damages, async ([name, content], damage) => {
      try {
        const { fields, train, test } = await readDataset([file(name, damaged(content, damage))]);
        return [train, test].every(({ count, values }) =>
          Object.entries(fields).every(
            ([key, field]) => values[key].length === count * fieldSize(field) && values[key].every(Number.isFinite),
          ),
        );
      } catch (error) {
        if (!(error instanceof ReparamError)) throw error;
        return error.message.endsWith(".");
      }
    }),
    { numRuns: 500 },
  );
});
