import { type Shape, sameShape, sizeOf, stridesOf } from "../node/node.ts";
import type { Coordinate } from "../node/op.ts";
import { broadcastAccess } from "../ops/shape.ts";

// Where an element of a tensor lies, seen from a loop: an algebra of linear indices and coordinates, and of what four
// neighbouring lanes make of them. It knows shapes and index arithmetic, and nothing of buffers and loads.

/** Thrown where a place has no form for four lanes; the caller writes the body with one. */
export class NotVectorisable extends Error {}

/** A loop over elements: `i` is the linear index of the first of `lanes` neighbours. */
export interface LoopPlaces {
  /** The shape that `i` runs through. */
  readonly shape: Shape;
  readonly lanes: 1 | 4;
  /** WGSL names of coordinates that the loop already has, by axis of `shape`; others are derived from `i`. */
  readonly coordinates?: readonly (string | undefined)[];
}

/** The place of an element: a linear index, or one coordinate an axis. A coordinate's `axis` is one of `Places.axis`. */
export type ElementPlace = { readonly linear: string } | { readonly coordinates: readonly Coordinate[] };

/** A coordinate that has a name: that of axis `index` of a `shape` through which `linear` runs. */
interface Axis {
  readonly name: string;
  /** Whether neighbouring lanes differ in this coordinate. */
  readonly lane: boolean;
  readonly linear: string;
  readonly shape: Shape;
  readonly index: number;
}

interface Offset {
  /** WGSL of the element offset of the first lane. */
  readonly expression: string;
  /** Elements from lane to lane. */
  readonly laneStride: number;
  /** Whether the first lane is at a multiple of four. */
  readonly aligned: boolean;
}

export interface Places {
  coordinatesOf(shape: Shape, at: ElementPlace): readonly Coordinate[];
  /** The place in a tensor of shape `from` that is seen at a place in `to`, which it broadcasts to. */
  broadcast(from: Shape, to: Shape, at: ElementPlace): ElementPlace;
  /** The place in a tensor of shape `from` that a reshape shows at a place in `to`. */
  reshaped(from: Shape, to: Shape, at: ElementPlace): ElementPlace;
  /** WGSL of the linear index, which lanes count up one by one from a multiple of four. */
  linearIndex(shape: Shape, at: ElementPlace): string;
  offsetOf(shape: Shape, at: ElementPlace): Offset;
  /** WGSL of whether a coordinate lies in [from, to), for all lanes alike. */
  within(coordinate: Coordinate, from: number, to: number): string;
  axis(axis: number): Pick<Axis, "name" | "lane">;
  /** Whether a coordinate of the loop was used. */
  usesLoop(): boolean;
}

/**
 * The places of a loop. `define` adds a line of WGSL, under a new name that begins as it is told to, and returns the
 * name. The functions throw NotVectorisable.
 */
export function createPlaces(loop: LoopPlaces, define: (prefix: string, expression: string) => string): Places {
  const { lanes } = loop;
  const axes: Axis[] = [];
  const quotients = new Map<string, string>();
  let loopUsed = false;

  return {
    coordinatesOf,
    broadcast,
    reshaped,
    linearIndex,
    offsetOf,
    within,
    axis: (axis) => axes[axis],
    usesLoop: () => loopUsed,
  };

  function coordinatesOf(shape: Shape, at: ElementPlace): readonly Coordinate[] {
    if ("coordinates" in at) return at.coordinates;
    const linear = at.linear;
    if (lanes === 4 && shape.length > 0 && shape[shape.length - 1] % 4 !== 0) throw new NotVectorisable();
    return shape.map((_, index) => ({ axis: axisOf(linear, shape, index), offset: 0 }));
  }

  function broadcast(from: Shape, to: Shape, at: ElementPlace): ElementPlace {
    if (sizeOf(from) === 1) return { coordinates: from.map(() => ({ axis: -1, offset: 0 })) };
    return { coordinates: broadcastAccess(from, coordinatesOf(to, at)) };
  }

  /** Axes that neither split nor merge keep their coordinates, since to divide is dear. */
  function reshaped(from: Shape, to: Shape, at: ElementPlace): ElementPlace {
    if ("linear" in at || countsUp(wholeOf(to, at.coordinates))) return { linear: linearIndex(to, at) };
    const coordinates = from.map((): Coordinate => ({ axis: -1, offset: 0 }));
    for (const [source, target] of matchingAxes(to, from)) {
      const part = source.map((k) => at.coordinates[k]);
      if (source.length === 1 && target.length === 1) {
        coordinates[target[0]] = part[0];
        continue;
      }
      if (lanes === 4 && part.some(({ axis }) => axis >= 0 && axes[axis].lane)) return { linear: linearIndex(to, at) };
      const extents = source.map((k) => to[k]);
      const linear = define("j", sumOf(extents, part).expression);
      const shape = target.map((k) => from[k]);
      target.forEach((k, index) => {
        coordinates[k] = { axis: axisOf(linear, shape, index, false), offset: 0 };
      });
    }
    return { coordinates };
  }

  function axisOf(linear: string, shape: Shape, index: number, lane = index === shape.length - 1): number {
    const known = axes.findIndex((a) => a.linear === linear && a.index === index && sameShape(a.shape, shape));
    if (known >= 0) return known;
    const given = linear === "i" && sameShape(shape, loop.shape) ? loop.coordinates?.[index] : undefined;
    if (given !== undefined) loopUsed = true;
    axes.push({ name: given ?? coordinateOf(linear, shape, index), lane, linear, shape, index });
    return axes.length - 1;
  }

  function coordinateOf(linear: string, shape: Shape, index: number): string {
    const stride = stridesOf(shape)[index];
    const whole = shape.slice(0, index).every((extent) => extent === 1);
    if (whole) return quotient(linear, stride);
    // Neighbours share a quotient, where `%` would divide again.
    return define("c", `${quotient(linear, stride)} - ${quotient(linear, stride * shape[index])} * ${shape[index]}u`);
  }

  function quotient(linear: string, divisor: number): string {
    if (divisor === 1) return linear;
    const key = `${linear} / ${divisor}u`;
    let name = quotients.get(key);
    if (name === undefined) quotients.set(key, (name = define("q", key)));
    return name;
  }

  function linearIndex(shape: Shape, at: ElementPlace): string {
    const { expression, laneStride, aligned } = offsetOf(shape, at);
    if (lanes === 4 && !(laneStride === 1 && aligned)) throw new NotVectorisable();
    if ("linear" in at || wholeOf(shape, at.coordinates)) return expression;
    return define("j", expression);
  }

  function offsetOf(shape: Shape, at: ElementPlace): Offset {
    const whole = "linear" in at ? { linear: at.linear, lane: true } : wholeOf(shape, at.coordinates);
    if (whole) return { expression: whole.linear, laneStride: whole.lane ? 1 : 0, aligned: whole.lane };
    return sumOf(shape, coordinatesOf(shape, at));
  }

  /** Whether lanes count a linear index up; with one lane there is nothing to count. */
  function countsUp(whole: { readonly lane: boolean } | undefined): boolean {
    return whole !== undefined && (lanes === 1 || whole.lane);
  }

  /** The linear index whose coordinates these are, if they are all of them in order; `lane`: whether neighbouring lanes differ in it. */
  function wholeOf(
    shape: Shape,
    coordinates: readonly Coordinate[],
  ): { readonly linear: string; readonly lane: boolean } | undefined {
    if (coordinates.length === 0 || coordinates.some(({ axis, offset }) => axis < 0 || offset !== 0)) return undefined;
    const used = coordinates.map(({ axis }) => axes[axis]);
    const { linear, lane } = used[used.length - 1];
    const inOrder = used.every((a, k) => a.linear === linear && a.index === k && sameShape(a.shape, shape));
    return inOrder ? { linear, lane } : undefined;
  }

  /** The offset in a tensor as a sum over its axes. */
  function sumOf(shape: Shape, coordinates: readonly Coordinate[]): Offset {
    const strides = stridesOf(shape);
    const terms: string[] = [];
    let fixed = 0;
    let laneStride = 0;
    let aligned = true;
    coordinates.forEach(({ axis, offset }, k) => {
      if (shape[k] === 1) return; // the only coordinate inside is 0
      fixed += offset * strides[k];
      if (axis < 0) return;
      const { name, lane } = axes[axis];
      if (lane) laneStride += strides[k];
      else if (strides[k] % 4 !== 0) aligned = false;
      terms.push(strides[k] === 1 ? name : `${name} * ${strides[k]}u`);
    });
    if (fixed % 4 !== 0) aligned = false;
    const sign = fixed < 0 ? " - " : " + ";
    const expression =
      terms.length === 0 ? `${fixed}u` : terms.join(" + ") + (fixed === 0 ? "" : `${sign}${Math.abs(fixed)}u`);
    return { expression, laneStride, aligned };
  }

  function within({ axis, offset }: Coordinate, from: number, to: number): string {
    if (axis < 0) return offset >= from && offset < to ? "true" : "false";
    const low = Math.max(from - offset, 0);
    const high = Math.max(to - offset, 0);
    if (lanes === 4 && axes[axis].lane && (low % 4 !== 0 || high % 4 !== 0)) throw new NotVectorisable();
    const { name } = axes[axis];
    return low === 0 ? `${name} < ${high}u` : `${name} >= ${low}u && ${name} < ${high}u`;
  }
}

/** Runs of axes of two shapes of one size that hold the same elements, as short as can be; axes of extent 1 are in none. */
function matchingAxes(a: Shape, b: Shape): [number[], number[]][] {
  const long = (shape: Shape) => shape.map((_, k) => k).filter((k) => shape[k] !== 1);
  const [left, right] = [long(a), long(b)];
  const runs: [number[], number[]][] = [];
  while (left.length > 0) {
    const run: [number[], number[]] = [[left.shift()!], [right.shift()!]];
    let [x, y] = [a[run[0][0]], b[run[1][0]]];
    while (x !== y) {
      if (x < y) x *= a[run[0][run[0].push(left.shift()!) - 1]];
      else y *= b[run[1][run[1].push(right.shift()!) - 1]];
    }
    runs.push(run);
  }
  return runs;
}
