import { type Node, type Shape, sameShape, sizeOf, stridesOf } from "../node/node.ts";
import type { Coordinate } from "../node/op.ts";
import { literal } from "../ops/arithmetic.ts";
import { storedAsHalf } from "../ops/half.ts";
import { streamOf } from "../ops/noise.ts";
import { broadcastAccess, shifted } from "../ops/shape.ts";

// Writes the body of an elementwise kernel: one WGSL line an op, each line a call of a hand-written function. Views
// (slices, transposes, broadcasts, pads) become index arithmetic of the loads, so they cost no kernel and no memory.

/** The loop whose body is written: `i` is the linear index of the first of `lanes` neighbouring elements. */
export interface Loop {
  /** The shape that `i` runs through. */
  readonly shape: Shape;
  readonly lanes: 1 | 4;
  /** WGSL names of coordinates that the loop already has, by axis of `shape`; others are derived from `i`. */
  readonly coordinates?: readonly (string | undefined)[];
  /** Values that the loop already has: a product's accumulator. */
  readonly given?: ReadonlyMap<Node, string>;
  /** The nodes that this kernel itself computes, element `i` for element `i`. */
  readonly computes: ReadonlySet<Node>;
  /** Whether a node's value lies in memory. */
  readonly inMemory: (node: Node) => boolean;
  readonly scheduleIndex: (name: string) => number;
}

/** What a body reads: a node's memory as an array of f32 or vec4f (or 16-bit floats), under the name `in<k>`. */
export interface Read {
  readonly node: Node;
  readonly element: "f32" | "vec4f";
}

/** Thrown where a body cannot be written with four lanes; the caller writes it with one. */
export class NotVectorisable extends Error {}
/** Thrown where a body would read what the same kernel writes at another place; the caller splits the kernel. */
export class NotFusible extends Error {}

/** The place of an element: a linear index, or one coordinate an axis. */
type At = { readonly linear: string } | { readonly coordinates: readonly Coordinate[] };

interface Axis {
  readonly name: string;
  /** Whether neighbouring lanes differ in this coordinate. */
  readonly lane: boolean;
  readonly linear: string;
  readonly shape: Shape;
  readonly index: number;
}

export interface Body {
  /** WGSL for the node's value at element `i`; its lines are added as needed. */
  value(node: Node): string;
  readonly lines: string[];
  readonly reads: Read[];
  /** Whether the body reads the state buffer. */
  usesState(): boolean;
  /** Whether it uses coordinates that the loop has. */
  usesCoordinates(): boolean;
}

export function writeBody(loop: Loop): Body {
  const { lanes } = loop;
  const lines: string[] = [];
  const reads: Read[] = [];
  const memo = new Map<string, string>();
  const ids = new Map<Node, number>();
  const axes: Axis[] = [];
  let state = false;
  let loopUsed = false;
  let counter = 0;

  const define = (prefix: string, expression: string, comment = ""): string => {
    const name = `${prefix}${counter++}`;
    lines.push(`let ${name} = ${expression};${comment && `  // ${comment}`}`);
    return name;
  };
  const idOf = (node: Node): number => {
    if (!ids.has(node)) ids.set(node, ids.size);
    return ids.get(node)!;
  };
  const splat = (scalar: string): string => (lanes === 4 ? `vec4f(${scalar})` : scalar);

  return {
    value: (node) => evaluate(node, { linear: "i" }, ""),
    lines,
    reads,
    usesState: () => state,
    usesCoordinates: () => loopUsed,
  };

  function evaluate(node: Node, at: At, guard: string): string {
    const { lowering } = node.op;
    if (lowering.kind === "constant") return splat(literal(node.attributes.value as number));
    if (lowering.kind === "schedule") {
      state = true;
      const index = loop.scheduleIndex(node.name!);
      return splat(`state.schedules[${index >> 2}][${index & 3}]`);
    }
    const key = `${idOf(node)} ${JSON.stringify(at)} ${guard}`;
    let value = memo.get(key);
    if (value === undefined) {
      value = compute(node, at, guard);
      memo.set(key, value);
    }
    return value;
  }

  function compute(node: Node, at: At, guard: string): string {
    const { lowering } = node.op;
    const here = "linear" in at && at.linear === "i";
    if (here && loop.given?.has(node)) return loop.given.get(node)!;
    if (loop.computes.has(node) && !here) throw new NotFusible();
    if (loop.inMemory(node) && !loop.computes.has(node)) return load(node, at, guard);
    switch (lowering.kind) {
      case "map": {
        const args = node.inputs.map((input) =>
          evaluate(input, sameShape(input.shape, node.shape) ? at : broadcast(input.shape, node.shape, at), guard),
        );
        return define("v", lowering.wgsl(args, node.attributes, lanes === 4 ? "4" : ""));
      }
      case "reshape":
        return evaluate(node.inputs[0], reshaped(node.inputs[0].shape, node.shape, at), guard);
      case "view": {
        const access = lowering.access(node, coordinatesOf(node.shape, at));
        const inside = access.guards.map(({ coordinate, from, to }) => within(coordinate, from, to));
        if (inside.length === 0) return evaluate(node.inputs[0], { coordinates: access.coordinates }, guard);
        const condition = define("g", [...inside, ...(guard ? [guard] : [])].join(" && "));
        const value = evaluate(node.inputs[0], { coordinates: access.coordinates }, condition);
        return define("v", `select(${splat("0.0")}, ${value}, ${condition})`);
      }
      case "concat":
        return concatenate(node, coordinatesOf(node.shape, at), guard);
      case "noise":
        return noise(node, lowering.distribution, at);
      case "iota":
        return coordinate(coordinatesOf(node.shape, at)[node.attributes.axis as number]);
      default:
        throw new Error(`A ${node.op.name} cannot be computed inside another kernel.`);
    }
  }

  function concatenate(node: Node, at: readonly Coordinate[], guard: string): string {
    const axis = node.attributes.axis as number;
    let from = 0;
    let value = "";
    for (const part of node.inputs) {
      const extent = part.shape[axis];
      const condition = define("g", within(at[axis], from, from + extent) + (guard && ` && ${guard}`));
      const coordinates = at.map((c, k) => (k === axis ? shifted(c, -from) : c));
      const piece = evaluate(part, { coordinates }, condition);
      value = value ? define("v", `select(${value}, ${piece}, ${condition})`) : piece;
      from += extent;
    }
    return value;
  }

  function noise(node: Node, distribution: "uniform" | "normal", at: At): string {
    state = true;
    const linear = linearIndex(node.shape, at);
    const convert = distribution === "uniform" ? "uniform4" : "gaussian4";
    const counterOf = `vec4u(${linear} >> 2u, ${streamOf(node.name!)}u, state.step.x, state.step.y)`;
    const four = define("n", `${convert}(philox(${counterOf}, state.seed))`, node.name);
    return lanes === 4 ? four : `${four}[${linear} & 3u]`;
  }

  function coordinate({ axis, offset }: Coordinate): string {
    if (axis < 0) return splat(literal(offset));
    const { name, lane } = axes[axis];
    // By way of i32: SwiftShader spends several instructions on a u32.
    const first = offset === 0 ? `f32(i32(${name}))` : `f32(i32(${name}) + ${offset})`;
    return define("v", lanes === 4 && lane ? `${first} + vec4f(0.0, 1.0, 2.0, 3.0)` : splat(first));
  }

  // --- places -------------------------------------------------------------------------------------------------------

  function broadcast(from: Shape, to: Shape, at: At): At {
    if (sizeOf(from) === 1) return { coordinates: from.map(() => ({ axis: -1, offset: 0 })) };
    return { coordinates: broadcastAccess(from, coordinatesOf(to, at)) };
  }

  function coordinatesOf(shape: Shape, at: At): readonly Coordinate[] {
    if ("coordinates" in at) return at.coordinates;
    const linear = at.linear;
    if (lanes === 4 && shape.length > 0 && shape[shape.length - 1] % 4 !== 0) throw new NotVectorisable();
    return shape.map((_, index) => ({ axis: axisOf(linear, shape, index), offset: 0 }));
  }

  /**
   * The place in a tensor of shape `from` that a reshape shows at a place in `to`. Axes that neither split nor merge
   * keep their coordinates, since to divide is dear.
   */
  function reshaped(from: Shape, to: Shape, at: At): At {
    if ("linear" in at || wholeOf(to, at.coordinates) !== undefined) return { linear: linearIndex(to, at) };
    const coordinates = from.map((): Coordinate => ({ axis: -1, offset: 0 }));
    for (const [source, target] of matchingAxes(to, from)) {
      const part = source.map((k) => at.coordinates[k]);
      if (source.length === 1 && target.length === 1) {
        coordinates[target[0]] = part[0];
        continue;
      }
      if (lanes === 4 && part.some(({ axis }) => axis >= 0 && axes[axis].lane)) return { linear: linearIndex(to, at) };
      const extents = source.map((k) => to[k]);
      const linear = define("j", offsetOf(extents, part).expression);
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
    let name = memo.get(key);
    if (name === undefined) memo.set(key, (name = define("q", key)));
    return name;
  }

  function linearIndex(shape: Shape, at: At): string {
    if ("linear" in at) return at.linear;
    const whole = wholeOf(shape, at.coordinates);
    if (whole !== undefined) return whole;
    const { expression, laneStride, aligned } = offsetOf(shape, at.coordinates);
    if (lanes === 4 && !(laneStride === 1 && aligned)) throw new NotVectorisable();
    return define("j", expression);
  }

  /** The linear index whose coordinates these are, if they are all of them in order. */
  function wholeOf(shape: Shape, coordinates: readonly Coordinate[]): string | undefined {
    if (coordinates.length === 0 || coordinates.some(({ axis, offset }) => axis < 0 || offset !== 0)) return undefined;
    const used = coordinates.map(({ axis }) => axes[axis]);
    const { linear } = used[0];
    const inOrder = used.every((a, k) => a.linear === linear && a.index === k && sameShape(a.shape, shape));
    return inOrder ? linear : undefined;
  }

  /** Element offset in a tensor, its step from lane to lane, and whether it is a multiple of 4 at the first lane. */
  function offsetOf(shape: Shape, coordinates: readonly Coordinate[]) {
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

  // --- loads --------------------------------------------------------------------------------------------------------

  function load(node: Node, at: At, guard: string): string {
    if ("linear" in at) return loadAt(node, at.linear, 1, true, guard);
    const whole = wholeOf(node.shape, at.coordinates);
    if (whole !== undefined) return loadAt(node, whole, 1, true, guard);
    const { expression, laneStride, aligned } = offsetOf(node.shape, at.coordinates);
    return loadAt(node, /^\w+$/.test(expression) ? expression : `(${expression})`, laneStride, aligned, guard);
  }

  function loadAt(node: Node, offset: string, laneStride: number, aligned: boolean, guard: string): string {
    // A guarded load must stay inside its buffer, whatever the index: where the guard is false it reads element 0.
    const safe = guard ? `select(0u, ${offset}, ${guard})` : offset;
    const at = (element: Read["element"], index: string): string => {
      const value = `${nameOf(node, element)}[${index}]`;
      return storedAsHalf(node) ? `${element}(${value})` : value;
    };
    if (lanes === 1) return define("v", at("f32", safe), node.name);
    if (laneStride === 0) return define("v", `vec4f(${at("f32", safe)})`, node.name);
    if (laneStride === 1 && aligned) return define("v", at("vec4f", `${safe} >> 2u`), node.name);
    const first = define("j", safe);
    const elements = [0, 1, 2, 3].map((lane) => at("f32", `${first} + ${lane * laneStride}u`));
    return define("v", `vec4f(${elements.join(", ")})`, node.name);
  }

  function nameOf(node: Node, element: Read["element"]): string {
    let index = reads.findIndex((read) => read.node === node && read.element === element);
    if (index < 0) index = reads.push({ node, element }) - 1;
    return `in${index}`;
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
