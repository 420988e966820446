import { expect, test } from "@playwright/test";
import { whole } from "../../src/schema/constraints.ts";
import { list, named, nullable, object, optional, partial, read, record, variant } from "../../src/schema/schema.ts";

const size = whole(1).schema;
const SIZE = "a whole number of at least 1";

test("what is left out has its default, or is not there; what is null stays null", () => {
  const schema = object({ width: size, height: optional(size, 3), depth: optional(size), name: nullable(size) });
  expect(read(schema, { width: 2, name: null })).toEqual({ value: { width: 2, height: 3, name: null }, issues: [] });
  expect(Object.keys(read(schema, { width: 2, name: 1 }).value)).toEqual(["width", "height", "name"]);
});

test("what is wrong is told with its place, each thing once", () => {
  const schema = object({ width: size, inner: object({ sizes: list(size, "a list") }) });
  const { issues } = read(schema, { inner: { sizes: [1, 0] }, colour: "red" });
  expect(issues).toEqual([
    { path: ["width"], phrase: SIZE, found: undefined },
    { path: ["inner", "sizes", "1"], phrase: SIZE, found: 0 },
    { path: ["colour"], phrase: "left out", found: "red", stranger: true },
  ]);
});

test("what is no object is refused as one", () => {
  for (const found of [null, [], "text", 3, undefined]) {
    expect(read(object({}), found).issues).toEqual([{ path: [], phrase: "an object", found }]);
    expect(read(record(size), found).issues).toEqual([{ path: [], phrase: "an object", found }]);
  }
});

test("keys that every object has are keys like any other", () => {
  const hostile = JSON.parse('{ "__proto__": 1, "constructor": 2 }');
  expect(read(object({}), hostile).issues).toMatchObject([{ path: ["__proto__"], stranger: true }]);
  expect(read(object({ toString: size }), {}).issues).toMatchObject([{ path: ["toString"], found: undefined }]);
  const { value, issues } = read(record(size), hostile);
  expect([Object.entries(value), issues]).toEqual([Object.entries(hostile), []]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test("a variant is read by the shape whose name it has", () => {
  const schema = variant("name", [named("step", { every: size }), named("none", {})]);
  expect(read(schema, { name: "none" })).toEqual({ value: { name: "none" }, issues: [] });
  expect(read(schema, { name: "step" }).issues).toEqual([{ path: ["every"], phrase: SIZE, found: undefined }]);
  for (const name of ["steep", undefined, 1]) {
    expect(read(schema, { name }).issues).toEqual([{ path: ["name"], phrase: "one of step, none", found: name }]);
  }
  expect(read(schema, "step").issues).toEqual([{ path: [], phrase: "one of step, none", found: "step" }]);
});

test("of a partial object every key may be left out, and those that are there are read", () => {
  const schema = partial(object({ width: size, height: size }));
  expect(read(schema, { height: 2 })).toEqual({ value: { height: 2 }, issues: [] });
  expect(read(schema, { height: "2" }).issues).toEqual([{ path: ["height"], phrase: SIZE, found: "2" }]);
});
