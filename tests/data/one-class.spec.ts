import { expect, test } from "@playwright/test";
import { type Dataset, labels, type Split, vector } from "../../src/data/dataset.ts";
import { classNamed, trainedOnClass } from "../../src/data/one-class.ts";

const split = (...classes: number[]): Split => ({
  count: classes.length,
  values: {
    x: Float32Array.from({ length: 2 * classes.length }, (_, k) => k),
    label: Uint8Array.from(classes),
  },
});
const data: Dataset = {
  name: "beats",
  fields: { x: vector(2), label: labels(3, ["1", "2", "3"]) },
  train: split(0, 1, 0, 1),
  test: split(2, 0),
};

test("a class is meant by its name first, else by its number", () => {
  expect(classNamed(data.fields.label, "1")).toBe(0);
  expect(classNamed(data.fields.label, 3)).toBe(2);
  expect(classNamed(data.fields.label, 0)).toBe(0);
  expect(classNamed(labels(3), 2)).toBe(2);
  for (const none of [3, -1, 1.5, "", "two"]) expect(classNamed(labels(3), none)).toBeUndefined();
});

test("training examples of one class are left, in their order, and test examples stay", () => {
  const { train, test: held, fields } = trainedOnClass(data, "2");
  expect(fields).toBe(data.fields);
  expect(held).toBe(data.test);
  expect(train).toEqual({
    count: 2,
    values: { x: Float32Array.of(2, 3, 6, 7), label: Uint8Array.of(1, 1) },
    fitted: data.train,
  });
});

test("a class that there is not, or that nothing is trained on, is refused", () => {
  expect(() => trainedOnClass(data, "4")).toThrow("beats has no class 4; it has 1, 2, 3.");
  expect(() => trainedOnClass(data, "3")).toThrow("beats has no training example of class 3.");
  const { label: _, ...fields } = data.fields;
  expect(() => trainedOnClass({ ...data, fields }, 1)).toThrow("beats has no classes, and is to be trained on class 1");
});
