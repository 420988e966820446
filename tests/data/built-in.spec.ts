import { expect, test } from "@playwright/test";
import { builtIn } from "../../src/data/built-in.ts";

test("the fields that a built-in set says are those of what it draws", () => {
  for (const [name, { draw, fields }] of Object.entries(builtIn)) {
    expect(fields(), name).toEqual(draw({ trainCount: 1, testCount: 1 }).fields);
  }
});
