import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { createPlaces, type ElementPlace, NotVectorisable, type Places } from "../../src/compiler/places.ts";
import { type Shape, sizeOf, stridesOf } from "../../src/node/node.ts";
import type { Coordinate } from "../../src/node/op.ts";
import { check } from "../support/numbers.ts";

const LOOP: ElementPlace = { linear: "i" };

/** The places of a loop over `shape`, and the WGSL lines that they make. */
function placesOf(shape: Shape, lanes: 1 | 4 = 1, coordinates?: readonly (string | undefined)[]) {
  const lines: string[] = [];
  const define = (prefix: string, expression: string): string => {
    const name = `${prefix}${lines.length}`;
    lines.push(`let ${name} = ${expression};`);
    return name;
  };
  return { places: createPlaces({ shape, lanes, coordinates }, define), lines };
}

/** What WGSL gives for each element of the loop: whole numbers, so that a quotient is rounded down. */
function evaluatorOf(lines: readonly string[], expression: string): (i: number) => number {
  const script = [...lines, `return ${expression};`]
    .join("\n")
    .replace(/(\d+)u/g, "$1")
    .replace(/= (\w+ \/ \d+);/g, "= Math.floor($1);");
  return new Function("i", script) as (i: number) => number;
}

test("a linear index stays one as long as no coordinate is asked for", () => {
  const { places, lines } = placesOf([6, 8]);
  expect(places.linearIndex([6, 8], LOOP)).toBe("i");
  expect(places.reshaped([48], [6, 8], LOOP)).toEqual(LOOP);
  expect(places.offsetOf([6, 8], LOOP)).toEqual({ expression: "i", laneStride: 1, aligned: true });
  expect(lines).toEqual([]);
});

test("coordinates are quotients, each computed once; all of them in order are the linear index again", () => {
  const { places, lines } = placesOf([2, 3, 4]);
  const coordinates = places.coordinatesOf([2, 3, 4], LOOP);
  expect(coordinates.map(({ axis }) => places.axis(axis).name)).toEqual(["q0", "c2", "c3"]);
  expect(lines).toEqual(["let q0 = i / 12u;", "let q1 = i / 4u;", "let c2 = q1 - q0 * 3u;", "let c3 = i - q1 * 4u;"]);
  expect(places.coordinatesOf([2, 3, 4], LOOP)).toEqual(coordinates);
  expect(places.linearIndex([2, 3, 4], { coordinates })).toBe("i");
  expect(lines).toHaveLength(4);
});

test("a coordinate that the loop has is not computed", () => {
  const { places, lines } = placesOf([6, 8], 1, [undefined, "column"]);
  expect(places.usesLoop()).toBe(false);
  const [row, column] = places.coordinatesOf([6, 8], LOOP);
  expect(places.axis(column.axis)).toMatchObject({ name: "column", lane: true });
  expect(places.axis(row.axis)).toMatchObject({ name: "q0", lane: false });
  expect(places.usesLoop()).toBe(true);
  expect(lines).toEqual(["let q0 = i / 8u;"]);
});

test("what is broadcast has no coordinate of the loop where it is repeated", () => {
  const { places, lines } = placesOf([6, 8]);
  expect(places.broadcast([], [6, 8], LOOP)).toEqual({ coordinates: [] });
  expect(places.broadcast([1, 1], [6, 8], LOOP)).toEqual({
    coordinates: [
      { axis: -1, offset: 0 },
      { axis: -1, offset: 0 },
    ],
  });
  expect(lines).toEqual([]);
  expect(places.offsetOf([6, 1], places.broadcast([6, 1], [6, 8], LOOP)).expression).toBe("q0");
});

test("a reshape after a transpose keeps the coordinates of axes that neither split nor merge", () => {
  const { places, lines } = placesOf([5, 2, 3]);
  const [a, b, c] = places.coordinatesOf([5, 2, 3], LOOP);
  const before = lines.length;
  const at = places.reshaped([2, 5, 1, 3], [2, 5, 3], { coordinates: [b, a, c] });
  expect(at).toEqual({ coordinates: [b, a, { axis: -1, offset: 0 }, c] });
  expect(lines).toHaveLength(before);
});

test("where lanes share a row, so they do in what a reshape makes of the rows", () => {
  const { places, lines } = placesOf([40, 8], 4);
  const row = places.broadcast([40, 1], [40, 8], LOOP);
  const split = places.reshaped([8, 5], [40, 1], row);
  expect(places.offsetOf([8, 5], split)).toMatchObject({ laneStride: 0, aligned: false });
  expect(() => places.linearIndex([8, 5], split)).toThrow(NotVectorisable);
  const joined = places.reshaped([40], [8, 5], split);
  const { expression, laneStride } = places.offsetOf([40], joined);
  expect(laneStride).toBe(0);
  for (const i of [0, 4, 100, 316]) expect(evaluatorOf(lines, expression)(i)).toBe(Math.floor(i / 8));
  // One lane alone may count as it likes.
  const alone = placesOf([40, 8]).places;
  const at = alone.reshaped([8, 5], [40, 1], alone.broadcast([40, 1], [40, 8], LOOP));
  expect(alone.linearIndex([8, 5], at)).toMatch(/^\w+$/);
});

test("a range is asked of a coordinate by one or two comparisons, and of a constant at once", () => {
  const { places } = placesOf([6, 8], 1, ["row", "column"]);
  const [row] = places.coordinatesOf([6, 8], LOOP);
  expect(places.within(row, 0, 4)).toBe("row < 4u");
  expect(places.within(row, 2, 4)).toBe("row >= 2u && row < 4u");
  expect(places.within({ ...row, offset: -1 }, 2, 4)).toBe("row >= 3u && row < 5u");
  expect(places.within({ ...row, offset: 3 }, 2, 4)).toBe("row < 1u");
  expect(places.within({ axis: -1, offset: 3 }, 2, 4)).toBe("true");
  expect(places.within({ axis: -1, offset: 4 }, 2, 4)).toBe("false");
});

test("four lanes: a step of 0, of 1 or of a row from lane to lane, and whether the first is at a multiple of four", () => {
  const { places } = placesOf([8, 8], 4, ["row", "column"]);
  const [row, column] = places.coordinatesOf([8, 8], LOOP);
  const offset = (shape: Shape, ...coordinates: Coordinate[]) => places.offsetOf(shape, { coordinates });
  const right = { ...column, offset: 1 };
  expect(offset([8, 8], row, column)).toEqual({ expression: "i", laneStride: 1, aligned: true });
  expect(offset([8, 8], column, row)).toEqual({ expression: "column * 8u + row", laneStride: 8, aligned: false });
  expect(offset([8], row)).toEqual({ expression: "row", laneStride: 0, aligned: false });
  expect(offset([8, 9], row, right)).toEqual({ expression: "row * 9u + column + 1u", laneStride: 1, aligned: false });
  expect(offset([8, 12], row, { ...column, offset: 4 })).toMatchObject({ laneStride: 1, aligned: true });
});

test("four lanes have no place in rows that end within them, and none across a border of a pad", () => {
  const { places } = placesOf([4, 8], 4, ["row", "column"]);
  const [row, column] = places.coordinatesOf([4, 8], LOOP);
  expect(() => places.coordinatesOf([16, 2], LOOP)).toThrow(NotVectorisable);
  expect(() => places.within(column, 2, 8)).toThrow(NotVectorisable);
  expect(() => places.linearIndex([8, 4], { coordinates: [column, row] })).toThrow(NotVectorisable);
  expect(places.within(column, 4, 8)).toBe("column >= 4u && column < 8u");
  expect(places.within(row, 1, 3)).toBe("row >= 1u && row < 3u");
});

/** One view: the place below it, and the same in numbers, from an element of the view to one of what it looks at. */
interface Step {
  readonly shape: Shape;
  readonly below: (places: Places, at: ElementPlace) => ElementPlace;
  readonly element: (index: number) => number;
}

const coordinatesOf = (shape: Shape, index: number): number[] =>
  stridesOf(shape).map((stride, axis) => Math.floor(index / stride) % shape[axis]);
const indexOf = (shape: Shape, at: readonly number[]): number =>
  stridesOf(shape).reduce((sum, stride, axis) => sum + stride * at[axis], 0);

/** What a tensor of shape `to` may be a view of; `how` is any number. */
function stepBelow(to: Shape, how: number): Step {
  const pick = Math.floor(how / 4);
  switch (how % 4) {
    case 0: {
      const shape = to.map((_, axis) => to[(axis + pick) % to.length]);
      const turned = <T>(at: readonly T[]) => to.map((_, axis) => at[(axis + pick) % to.length]);
      return {
        shape,
        below: (places, at) => ({ coordinates: turned(places.coordinatesOf(to, at)) }),
        element: (index) => indexOf(shape, turned(coordinatesOf(to, index))),
      };
    }
    case 1: {
      const shape = shapesOfSize(sizeOf(to))[pick % shapesOfSize(sizeOf(to)).length];
      return { shape, below: (places, at) => places.reshaped(shape, to, at), element: (index) => index };
    }
    case 2: {
      const shape = to.map((extent, axis) => ((pick >> axis) & 1 ? 1 : extent)).slice(pick % (to.length + 1));
      const lead = to.length - shape.length;
      return {
        shape,
        below: (places, at) => places.broadcast(shape, to, at),
        element: (index) =>
          indexOf(
            shape,
            coordinatesOf(to, index)
              .slice(lead)
              .map((c, axis) => (shape[axis] === 1 ? 0 : c)),
          ),
      };
    }
    default: {
      const shape = to.map((extent) => extent + (pick % 5));
      const shift = Math.min(pick % 3, pick % 5);
      return {
        shape,
        below: (places, at) => ({
          coordinates: places.coordinatesOf(to, at).map(({ axis, offset }) => ({ axis, offset: offset + shift })),
        }),
        element: (index) =>
          indexOf(
            shape,
            coordinatesOf(to, index).map((c) => c + shift),
          ),
      };
    }
  }
}

/** Some shapes of so many elements. */
function shapesOfSize(size: number): Shape[] {
  const factors = [2, 3, 4, 5, 8].filter((factor) => size % factor === 0);
  return [
    [size],
    [1, size],
    ...factors.flatMap((factor) => [
      [factor, size / factor],
      [size / factor, 1, factor],
      ...factors
        .filter((other) => (size / factor) % other === 0)
        .map((other) => [factor, size / factor / other, other]),
    ]),
  ];
}

test("through any views, every lane reads the element that it should, or the place is refused", () => {
  const extents = fc.array(fc.constantFrom(1, 2, 3, 4, 5, 8), { minLength: 1, maxLength: 4 });
  let four = 0;
  check(
    fc.property(
      extents,
      fc.array(fc.nat(2 ** 20), { maxLength: 4 }),
      fc.constantFrom<1 | 4>(1, 4),
      (loop, hows, lanes) => {
        if (sizeOf(loop) % lanes !== 0) return;
        const { places, lines } = placesOf(loop, lanes);
        let [shape, at]: [Shape, ElementPlace] = [loop, LOOP];
        const elements = Array.from({ length: sizeOf(loop) }, (_, index) => index);
        try {
          for (const how of hows) {
            const step = stepBelow(shape, how);
            if (sizeOf(step.shape) > 5000) break;
            at = step.below(places, at);
            elements.forEach((index, k) => {
              elements[k] = step.element(index);
            });
            shape = step.shape;
          }
          const { expression, laneStride, aligned } = places.offsetOf(shape, at);
          const value = evaluatorOf(lines, expression);
          const read = elements.map((_, k) => value(k - (k % lanes)) + (k % lanes) * laneStride);
          expect(read).toEqual(elements);
          if (lanes === 4 && aligned && laneStride === 1)
            expect(read.filter((_, k) => k % 4 === 0 && read[k] % 4)).toEqual([]);
          if (lanes === 4) four++;
        } catch (error) {
          if (!(error instanceof NotVectorisable && lanes === 4)) throw error;
        }
      },
    ),
    600,
  );
  expect(four).toBeGreaterThan(50);
});
