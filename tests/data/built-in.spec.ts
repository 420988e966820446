import { expect, test } from "@playwright/test";
import { loadBuiltIn } from "../../src/data/built-in.ts";
import { builtInNames } from "../../src/data/built-in-names.ts";

test("the fields that a built-in set says are those of what it draws", async () => {
  for (const name of builtInNames) {
    const { draw, fields } = await loadBuiltIn(name);
    expect(fields(), name).toEqual(draw({ trainCount: 1, testCount: 1 }).fields);
  }
});
