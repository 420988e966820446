import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { loadBuiltIn } from "../../src/data/built-in.ts";
import { builtInNames, isBuiltIn } from "../../src/data/built-in-names.ts";
import { labels as labelField, pixels, type Split } from "../../src/data/dataset.ts";
import { downloadDataset, sha256 } from "../../src/data/download.ts";
import { proxyFor } from "../../src/data/fetch-bytes.ts";
import { IDX_FILES, type IdxRole } from "../../src/data/idx-files.ts";
import { loadDataset } from "../../src/data/named.ts";
import { datasetNames } from "../../src/data/names.ts";
import { ReparamError } from "../../src/errors.ts";
import { encodeIdx } from "../../src/formats/idx.ts";
import { dataFolder, missingData } from "../support/data.ts";
import { long, onlyLong } from "../support/long.ts";

const ROLES = Object.keys(IDX_FILES) as IdxRole[];

/** Images of 2 x 3 pixels that count up from `first`, as an IDX file. */
function images(count: number, first = 0, [height, width] = [2, 3]): Uint8Array {
  const data = Uint8Array.from({ length: count * height * width }, (_, i) => first + i);
  return encodeIdx({ shape: [count, height, width], data });
}

const labels = (...values: number[]) => encodeIdx({ shape: [values.length], data: Uint8Array.from(values) });

/** A data set of three training and two test images. */
const TINY: Record<IdxRole, Uint8Array> = {
  trainImages: images(3),
  trainLabels: labels(7, 8, 9),
  testImages: images(2, 100),
  testLabels: labels(1, 2),
};

let folder: string;
let server: Server | undefined;
// Looked up before the tests take REPARAM_DATA away.
const MNIST = dataFolder("mnist");
const FASHION = dataFolder("fashion-mnist");
const ECG = dataFolder("ecg5000");
const BINARIZED = dataFolder("binarized-mnist");
const environment = { ...process.env };

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reparam-data-"));
  delete process.env.REPARAM_DATA;
  process.env.XDG_CACHE_HOME = join(folder, "cache");
});

test.afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

test.afterAll(() => {
  process.env = environment;
});

/** Writes the files of a data set, gzipped, into a folder below the test's own, and returns its path. */
async function place(name: string, files: Partial<Record<IdxRole, Uint8Array>> = TINY): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  for (const [role, bytes] of Object.entries(files)) {
    await writeFile(join(path, `${IDX_FILES[role as IdxRole]}.gz`), gzipSync(bytes));
  }
  return path;
}

/** Serves each path by `answer` (undefined: 404) on a free port of this machine; returns the base address. */
async function serve(answer: (path: string) => Uint8Array | undefined, requests: string[] = []): Promise<string> {
  server = createServer((request, response) => {
    requests.push(request.url!);
    const body = answer(request.url!.slice(1));
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  await new Promise<void>((done) => server!.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const packed = (path: string): Uint8Array | undefined => {
  const role = ROLES.find((candidate) => path === `${IDX_FILES[candidate]}.gz`);
  return role && gzipSync(TINY[role]);
};

const TINY_SHA256 = Object.fromEntries(ROLES.map((role) => [role, sha256(TINY[role])])) as Record<IdxRole, string>;

async function refusal(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ReparamError);
  const { code, message } = error as ReparamError;
  return { code, message };
}

test("a folder with the four files is a data set, its images with one channel", async () => {
  const path = await place("some");
  expect(await loadDataset(path)).toEqual({
    name: path,
    // The classes are the labels that occur, in order.
    fields: { x: pixels([2, 3, 1]), label: { ...labelField(5), names: ["1", "2", "7", "8", "9"] } },
    train: { count: 3, values: { x: TINY.trainImages.slice(16), label: Uint8Array.of(2, 3, 4) } },
    test: { count: 2, values: { x: TINY.testImages.slice(16), label: Uint8Array.of(0, 1) } },
    remarks: [],
  });
});

test("labels may be missing, and files may be plain or have a dot in their names", async () => {
  const path = await place("some", {});
  await writeFile(join(path, "train-images.idx3-ubyte"), TINY.trainImages);
  await writeFile(join(path, "t10k-images-idx3-ubyte"), TINY.testImages);
  const { fields, train, test } = await loadDataset(path);
  expect(fields).toEqual({ x: pixels([2, 3, 1]) });
  expect(train).toEqual({ count: 3, values: { x: TINY.trainImages.slice(16) } });
  expect(test).toEqual({ count: 2, values: { x: TINY.testImages.slice(16) } });
});

test("of a single file of images a tenth, picked by the seed, becomes the test split", async () => {
  const path = join(folder, "mine.idx");
  await writeFile(path, images(25));
  const { name, fields, train, test, remarks } = await loadDataset(path);
  expect({ name, shape: fields.x.shape }).toEqual({ name: path, shape: [2, 3, 1] });
  expect(remarks).toEqual(["held out for the test: 2 of 25 examples, which data.seed selects"]);
  expect([train.count, test.count]).toEqual([23, 2]);
  // Each example is in one split, in the file's order.
  const all = [...train.rows!, ...test.rows!];
  expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, row) => row));
  for (const { rows, values } of [train, test]) {
    expect(rows).toEqual(rows!.toSorted());
    expect([...rows!].map((row) => 6 * row)).toEqual([...values.x].filter((_, i) => i % 6 === 0));
  }
  const rowsOf = async (seed: number) => [...(await loadDataset(path, { seed })).test.rows!];
  expect(await rowsOf(0)).toEqual([...test.rows!]);
  expect(await rowsOf(1)).not.toEqual([...test.rows!]);

  await writeFile(path, images(2));
  expect(await loadDataset(path)).toMatchObject({ train: { count: 1 }, test: { count: 1 } });
});

test("vectors and images with channels keep their shape", async () => {
  const path = join(folder, "mine.idx");
  for (const shape of [[5], [2, 3, 4]]) {
    const data = new Uint8Array(4 * shape.reduce((a, b) => a * b, 1));
    await writeFile(path, encodeIdx({ shape: [4, ...shape], data }));
    expect((await loadDataset(path)).fields.x.shape).toEqual(shape);
  }
});

test("a name is looked for in the directory, then in REPARAM_DATA, then in the cache folder", async () => {
  const trainOf = (first: number) => ({ ...TINY, trainImages: images(3, first) });
  const firstPixel = async (directory?: string) =>
    (await loadDataset("mnist", { directory, download: false })).train.values.x[0];

  await place("cache/reparam/mnist", trainOf(1));
  expect(await firstPixel()).toBe(1);
  process.env.REPARAM_DATA = await place("environment", trainOf(2));
  expect(await firstPixel()).toBe(2);
  await place("environment/mnist", trainOf(3));
  expect(await firstPixel()).toBe(3);
  const directory = await place("directory", trainOf(4));
  expect(await firstPixel(directory)).toBe(4);
  await place("directory/mnist", trainOf(5));
  expect(await firstPixel(directory)).toBe(5);
  expect(await firstPixel(await place("nothing", {}))).toBe(3);
});

test("files that do not fit together are refused by name, with both numbers", async () => {
  const path = join(folder, "some");
  const file = (role: IdxRole) => join(path, `${IDX_FILES[role]}.gz`);
  const refused: [Partial<Record<IdxRole, Uint8Array>>, string][] = [
    [
      { trainLabels: labels(1, 2) },
      `${file("trainLabels")} holds 2 labels and ${file("trainImages")} 3 images; there must be one label for each image.`,
    ],
    [
      { testImages: images(2, 0, [3, 3]) },
      `The examples of ${file("trainImages")} are 2 x 3 x 1 and those of ${file("testImages")} are 3 x 3 x 1; both must have one shape.`,
    ],
    [
      { testLabels: images(2) },
      `${file("testLabels")} holds an array of 2 x 2 x 3, expected a list of labels (one dimension).`,
    ],
    [{ trainImages: labels(1, 2, 3) }, `${file("trainImages")} holds 3 single numbers (labels?), expected images.`],
    [{ testImages: images(0) }, `${file("testImages")} holds no data: its shape is 0 x 2 x 3.`],
  ];
  for (const [files, message] of refused) {
    await place("some", { ...TINY, ...files });
    expect(await refusal(loadDataset(path))).toEqual({ code: "data", message });
  }
});

test("the built-in sets are known by their names, as many examples of each as it has by itself", async () => {
  expect(builtInNames).toEqual(datasetNames.filter(isBuiltIn));
  const { name, fields, train, test } = await loadDataset("shapes");
  const { counts } = await loadBuiltIn("shapes");
  expect({ name, shape: fields.x.shape, train: train.count, test: test.count }).toEqual({
    name: "shapes",
    shape: [64, 64, 1],
    ...counts,
  });
});

test("a damaged file is refused with its path", async () => {
  const path = await place("some");
  const file = join(path, `${IDX_FILES.testImages}.gz`);
  await writeFile(file, (await readFile(file)).subarray(0, 20));
  const { code, message } = await refusal(loadDataset(path));
  expect(code).toBe("data");
  expect(message).toContain(`${file} is a damaged or truncated gzip file`);
});

test("a missing file is named", async () => {
  const { testImages: _, ...rest } = TINY;
  const path = await place("some", rest);
  expect(await refusal(loadDataset(path))).toEqual({
    code: "data",
    message: `${path} lacks t10k-images-idx3-ubyte (plain or as .gz); put it there.`,
  });
  const { trainLabels: __, ...unlabelled } = rest;
  await place("directory/mnist", unlabelled);
  const directory = join(folder, "directory");
  expect((await refusal(loadDataset("mnist", { directory }))).message).toBe(
    `${join(directory, "mnist")} lacks train-labels-idx1-ubyte and t10k-images-idx3-ubyte (plain or as .gz); put them there.`,
  );
});

test("an unknown name is answered with the nearest one, a path that does not exist with the path", async () => {
  const { code, message } = await refusal(loadDataset("fashon_mnist"));
  expect(code).toBe("usage");
  expect(message).toContain("named fashon_mnist; did you mean fashion-mnist?");
  expect(message).toContain("Known are digits, shapes, ring, expression, mnist, fashion-mnist and paths.");
  const missing = join(folder, "missing");
  expect(await refusal(loadDataset(missing))).toEqual({
    code: "data",
    message: `There is no data file or folder ${missing}.`,
  });
  expect((await refusal(loadDataset("mnist", { directory: missing }))).message).toBe(
    `The data folder ${missing} does not exist or is not a folder.`,
  );
});

test("a download puts checked files into the folder, and only those that are missing", async () => {
  const requests: string[] = [];
  const mirror = await serve(packed, requests);
  const target = join(folder, "deep", "down");
  await downloadDataset({ mirror, sha256: TINY_SHA256 }, target, ROLES);
  expect((await readdir(target)).toSorted()).toEqual(ROLES.map((role) => `${IDX_FILES[role]}.gz`).toSorted());
  expect((await loadDataset(target)).train.values.x).toEqual(TINY.trainImages.slice(16));
  await downloadDataset({ mirror, sha256: TINY_SHA256 }, target, ["testLabels"]);
  expect(requests).toEqual([...ROLES, "testLabels" as const].map((role) => `/${IDX_FILES[role]}.gz`));
});

test("a download that is not what it should be leaves nothing behind", async () => {
  const target = join(folder, "target");
  const other = gzipSync(images(3, 1));
  const answers: [(path: string) => Uint8Array | undefined, string][] = [
    [() => other, `has the SHA-256 ${sha256(images(3, 1))} once unpacked, expected ${TINY_SHA256.trainImages}.`],
    [() => packed("train-images-idx3-ubyte.gz")!.subarray(0, 30), "is a damaged or truncated gzip file"],
    [() => Buffer.from("<html>Please log in to the hotel's network</html>"), "is a damaged or truncated gzip file"],
    [() => undefined, "could not be downloaded: the server answered 404 Not Found."],
  ];
  for (const [answer, message] of answers) {
    const mirror = await serve(answer);
    const { code, message: found } = await refusal(downloadDataset({ mirror, sha256: TINY_SHA256 }, target, ROLES));
    expect(code).toBe("data");
    expect(found).toContain(message);
    expect(found).toContain(`${mirror}train-images-idx3-ubyte.gz`);
    expect(await readdir(target)).toEqual([]);
    server!.close();
  }
});

test("without a network, one sentence says where was searched and which files to put where", async () => {
  // A port that was free a moment ago: nobody listens there.
  const mirror = await serve(() => undefined);
  await new Promise((done) => server!.close(done));
  const cache = join(folder, "cache", "reparam", "mnist");
  const directory = await place("directory", {});
  const files = ROLES.map((role) => `${IDX_FILES[role]}.gz`).join(", ");
  expect(await refusal(loadDataset("mnist", { directory, mirror }))).toEqual({
    code: "data",
    message:
      `mnist was not found in ${join(directory, "mnist")}, ${directory}, ${cache}, and ${mirror}train-images-idx3-ubyte.gz ` +
      `could not be downloaded: ECONNREFUSED; put ${files} into ${join(directory, "mnist")}.`,
  });
  expect((await refusal(loadDataset("mnist", { download: false }))).message).toBe(
    `mnist was not found in ${cache}; put ${files} into ${cache}.`,
  );
});

const downloads = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("reparam-download-"));

test("where the cache folder cannot be made a set is downloaded for the run alone, and nothing is left", async () => {
  await writeFile(join(folder, "file"), "");
  process.env.XDG_CACHE_HOME = join(folder, "file", "cache");
  const before = await downloads();
  const requests: string[] = [];
  const { code, message } = await refusal(loadDataset("mnist", { mirror: await serve(packed, requests) }));
  // As far as the checksum, which the tiny set does not have.
  expect([code, message]).toEqual(["data", expect.stringContaining("has the SHA-256")]);
  expect(requests).toEqual(["/train-images-idx3-ubyte.gz"]);
  server!.close();
  expect(await downloads()).toEqual(before);
});

test("MNIST itself is downloaded for a run alone, and nothing is left", async () => {
  test.skip(!long, onlyLong);
  test.skip(MNIST === undefined, missingData("mnist"));
  await writeFile(join(folder, "file"), "");
  process.env.XDG_CACHE_HOME = join(folder, "file", "cache");
  const before = await downloads();
  const files = new Map<string, Uint8Array>();
  for (const file of await readdir(MNIST!)) files.set(file, await readFile(join(MNIST!, file)));
  const downloaded = await loadDataset("mnist", { mirror: await serve((path) => files.get(path)) });
  expect(downloaded.train.count).toBe(60_000);
  expect(downloaded.remarks).toEqual([expect.stringContaining("was downloaded for this run alone")]);
  expect(await downloads()).toEqual(before);
});

test("a proxy is the one of the usual variables, and of what it is not for there is none", () => {
  const [http, https] = ["http://a.example/x", "https://a.example/x"];
  expect(proxyFor(https, {})).toBeUndefined();
  expect(proxyFor(https, { HTTP_PROXY: "http://p:1" })).toBeUndefined();
  expect(proxyFor(https, { HTTPS_PROXY: "http://p:1", NO_PROXY: "b.example" })).toEqual({
    server: "http://p:1",
    bypass: "b.example",
  });
  expect(proxyFor(https, { HTTPS_PROXY: "http://p:1", https_proxy: "q:2" })).toEqual({ server: "http://q:2" });
  expect(proxyFor(http, { HTTP_PROXY: "http://me:se%40cret@p:1" })).toEqual({
    server: "http://p:1",
    username: "me",
    password: "se@cret",
  });
});

test("downloads go through the proxy that is set, to the byte, and its refusal is told in a sentence", async () => {
  const asked: string[] = [];
  const proxy = await serve(packed);
  server!.on("connect", (request, socket) => {
    asked.push(request.url!);
    if (request.url !== "nowhere.invalid:80") return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const there = connect((server!.address() as AddressInfo).port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(there).pipe(socket);
    });
  });
  process.env.HTTP_PROXY = process.env.HTTPS_PROXY = proxy;
  try {
    const target = join(folder, "through");
    await downloadDataset({ mirror: "http://nowhere.invalid/", sha256: TINY_SHA256 }, target, ROLES);
    expect((await loadDataset(target)).train.values.x).toEqual(TINY.trainImages.slice(16));
    expect(new Set(asked)).toEqual(new Set(["nowhere.invalid:80"]));
    const { code, message } = await refusal(
      downloadDataset({ mirror: "https://nowhere.invalid/", sha256: TINY_SHA256 }, target, ROLES),
    );
    expect(code).toBe("data");
    expect(message).toMatch(
      /^https:\/\/nowhere\.invalid\/train-images-idx3-ubyte\.gz could not be downloaded: .*proxy http/,
    );
    expect(message).not.toContain("\n");
    expect(asked.at(-1)).toBe("nowhere.invalid:443");
  } finally {
    delete process.env.HTTP_PROXY;
    delete process.env.HTTPS_PROXY;
  }
});

test("a set among several in a folder is named by how its files begin, and links are followed", async () => {
  const path = await place("some", {});
  for (const set of ["emnist-digits", "emnist-letters"]) {
    for (const [role, name] of Object.entries(IDX_FILES)) {
      const file = join(path, `${set}-${name.replace("t10k", "test")}`);
      await writeFile(file, role === "trainImages" && set === "emnist-letters" ? images(3, 50) : TINY[role as IdxRole]);
    }
  }
  expect((await refusal(loadDataset(path))).message).toContain(
    "several sets of IDX files: emnist-digits, emnist-letters;",
  );
  const { name, train } = await loadDataset(join(path, "emnist-letters"));
  expect([name, train.values.x[0]]).toEqual([join(path, "emnist-letters"), 50]);

  await writeFile(join(folder, "elsewhere.csv"), "1,2\n3,4\n");
  const linked = await place("linked", {});
  await symlink(join(folder, "elsewhere.csv"), join(linked, "mine.csv"));
  expect((await loadDataset(linked)).fields.x.shape).toEqual([2]);
});

test("ECG5000's arrays and its text are the same heartbeats, and their classes as many as its page counts", async () => {
  test.skip(ECG === undefined, missingData("ecg5000"));
  const { fields, train, test: held } = await loadDataset(ECG!, { label: 1, kind: "series" });
  expect(fields.x).toEqual({ kind: "series", shape: [140], store: "f32" });
  expect(fields.label.names).toEqual(["1", "2", "3", "4", "5"]);
  const counts = ({ values }: Split) => [0, 1, 2, 3, 4].map((k) => values.label.filter((label) => label === k).length);
  expect(counts(train)).toEqual([292, 177, 10, 19, 2]);
  expect(counts(held)).toEqual([2626, 1590, 86, 175, 22]);
  // The text has eight digits.
  const text = await loadDataset(join(ECG!, "ECG5000_TRAIN.txt"), { label: 1 });
  let largest = 0;
  for (const { rows, values } of [text.train, text.test]) {
    expect([...values.label]).toEqual([...rows!].map((row) => train.values.label[row]));
    values.x.forEach((value, i) => {
      const same = train.values.x[140 * rows![Math.floor(i / 140)] + (i % 140)];
      largest = Math.max(largest, Math.abs(value - same));
    });
  }
  expect(largest).toBeLessThan(1e-6);
});

test("binarised MNIST stands for itself, with the means that its page says", async () => {
  test.skip(!long, onlyLong);
  test.skip(BINARIZED === undefined, missingData("binarized-mnist"));
  const { fields, train, test: held } = await loadDataset(BINARIZED!);
  expect(fields).toEqual({ x: { ...pixels([28, 28, 1]), unit: 1 } });
  const mean = ({ values: { x } }: Split) => (x as Uint8Array).reduce((sum, value) => sum + value, 0) / x.length;
  expect(mean(train)).toBeCloseTo(0.130562, 6);
  expect(mean(held)).toBeCloseTo(0.132512, 6);
});

test("mnist from a mirror is checked, kept in the cache folder and not fetched again", async () => {
  test.skip(!long, onlyLong);
  test.skip(MNIST === undefined, missingData("mnist"));
  const files = new Map<string, Uint8Array>();
  for (const file of await readdir(MNIST!)) files.set(file, await readFile(join(MNIST!, file)));
  const mirror = await serve((path) => files.get(path));
  const downloaded = await loadDataset("mnist", { mirror });
  server!.close();
  expect(downloaded).toMatchObject({ name: "mnist", fields: { x: { shape: [28, 28, 1] } } });
  expect([downloaded.train.count, downloaded.test.count]).toEqual([60_000, 10_000]);
  expect([...downloaded.train.values.label!.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  const cached = await loadDataset("mnist", { download: false });
  expect(Buffer.compare(cached.train.values.x as Uint8Array, downloaded.train.values.x as Uint8Array)).toBe(0);
});

test("fashion-mnist taken for mnist is noticed", async () => {
  test.skip(!long, onlyLong);
  test.skip(FASHION === undefined, missingData("fashion-mnist"));
  const directory = FASHION;
  expect((await loadDataset("fashion-mnist", { directory })).train.count).toBe(60_000);
  expect((await refusal(loadDataset("mnist", { directory }))).message).toBe(
    `The files in ${directory} are fashion-mnist, not mnist; name the set or folder you mean.`,
  );
});
