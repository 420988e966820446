import { expect, test } from "@playwright/test";
import { loadData } from "../../demo/lab/drawn-data.ts";
import { examples, shownData } from "../../demo/lab/examples.ts";
import { alter, back, crowd, heldCode, hold, letGo, past, point, release, seeAgain } from "../../demo/lab/hold.ts";
import { look } from "../../demo/lab/look.ts";
import { type Answers, answers, codes, type Held, held, heldPicture, pointed } from "../../demo/lab/state.ts";

// What is held, and what is said of it by a model that takes its time.

/** Questions that wait until they are answered, in turn. */
let waiting: (() => void)[] = [];
const asked: string[] = [];

/** A model whose pictures and codes say what they are of. */
const slow = {
  encode: (x: Float32Array) => later("encode", Float32Array.of(x[0], x[1])),
  reconstruct: (x: Float32Array) => later("reconstruct", Float32Array.of(x[0])),
  decode: (code: Float32Array) => later("decode", code.slice(0, 1)),
  use: () => later("posterior", Float32Array.of(0, 0, 1, 1)),
} as unknown as Answers;

function later(what: string, answer: Float32Array): Promise<Float32Array> {
  asked.push(what);
  return new Promise((resolve) => waiting.push(() => resolve(answer)));
}

/** Answers all that is asked, and what is asked because of that. */
async function answer(): Promise<void> {
  do {
    const now = waiting;
    waiting = [];
    for (const one of now) one();
    await new Promise((resolve) => setTimeout(resolve));
  } while (waiting.length > 0);
}

const place = (x: number, y: number): Held => ({ kind: "place", code: Float32Array.of(x, y) });
const drawing = (value: number): Held => ({
  kind: "drawing",
  pixels: new Float32Array(examples.value.size).fill(value),
});
const example: Held = { kind: "example", index: 3 };

test.beforeEach(async () => {
  await answer();
  shownData.value = "digits";
  answers.value = slow;
  codes.value = Float32Array.of(0, 0, 1, 1);
  release();
  past.value = [];
  pointed.value = undefined;
  asked.length = 0;
});

test.beforeAll(() => Promise.all(["shapes", "ring"].map(loadData)));

test("what is said of one thing is never shown with another", async () => {
  hold(drawing(0.5));
  await answer();
  expect([...heldPicture.value!.code]).toEqual([0.5, 0.5]);
  // An example is asked about, and before the answer comes a place is taken.
  hold(example);
  expect(heldPicture.value).toBeUndefined();
  hold(place(1, 2));
  expect(heldPicture.value).toEqual({ code: Float32Array.of(1, 2) });
  await answer();
  expect(heldPicture.value).toEqual({ code: Float32Array.of(1, 2), picture: Float32Array.of(1) });
  // Nor with nothing.
  hold(example);
  release();
  await answer();
  expect(heldPicture.value).toBeUndefined();
});

test("a place that is dragged keeps the code and the picture of one moment, and its own code is known at once", async () => {
  hold(place(1, 2));
  await answer();
  alter(place(3, 4));
  expect(heldPicture.value).toEqual({ code: Float32Array.of(1, 2), picture: Float32Array.of(1) });
  expect(heldCode.value).toEqual(Float32Array.of(3, 4));
  await answer();
  expect(heldPicture.value).toEqual({ code: Float32Array.of(3, 4), picture: Float32Array.of(3) });
});

test("the cross stays where one points, and a picture is of the place that it came from", async () => {
  point(1, 1, 7);
  point(2, 2);
  expect(pointed.value).toEqual({ x: 2, y: 2 });
  waiting.shift()!();
  await expect.poll(() => pointed.value?.seen).toBeDefined();
  expect(pointed.value).toEqual({ x: 2, y: 2, seen: { x: 1, y: 1, example: 7, picture: Float32Array.of(1) } });
  await answer();
  expect(pointed.value).toEqual({ x: 2, y: 2, seen: { x: 2, y: 2, picture: Float32Array.of(2) } });
});

test("Back returns all that was held, each place and each drawing, and what was cleared", () => {
  const [first, second] = [drawing(0.2), drawing(0.4)];
  hold(first);
  alter(second); // a stroke more
  hold(place(1, 1));
  hold(place(2, 2));
  release();
  expect(held.value).toBeUndefined();
  const returned: (Held | undefined)[] = [];
  while (past.value.length > 0) {
    back();
    returned.push(held.value);
  }
  expect(returned).toEqual([place(2, 2), place(1, 1), second]);
});

test("another model lets go of places, and other data of all but drawings of that size", () => {
  hold(drawing(0.3));
  hold(example);
  hold(place(1, 1));
  letGo();
  expect(held.value).toBeUndefined();
  expect(past.value).toEqual([drawing(0.3), example]);
  back();
  shownData.value = "shapes"; // 64 x 64
  letGo();
  expect([held.value, past.value]).toEqual([undefined, []]);
});

test("of data that are no pictures the first held-out example is held, and the model is asked about it", async () => {
  hold(drawing(0.3));
  shownData.value = "ring";
  letGo();
  expect(held.value).toEqual({ kind: "example", index: 0 });
  seeAgain();
  await answer();
  expect(heldPicture.value?.picture).toEqual(examples.value.x.slice(0, 1));
});

test("few codes do not say whether there is data at a place", () => {
  codes.value = new Float32Array(2 * 19);
  expect(crowd.value).toBeUndefined();
  codes.value = new Float32Array(2 * 20);
  expect(crowd.value).toHaveLength(20);
});

test("what is held is asked about as soon as the codes are there", async () => {
  hold(example);
  await answer();
  asked.length = 0;
  const model = {
    ...slow,
    encode: async () => new Float32Array(2 * examples.value.count),
    reconstruct: async () => new Float32Array(10 * examples.value.size), // of those whose redrawing is shown
  };
  let over = false;
  void look(model, () => true).then(() => {
    over = true;
  });
  while (!over) await answer();
  expect(asked.slice(0, 3)).toEqual(["encode", "reconstruct", "posterior"]);
});
