import { type Node, sameShape } from "../node/node.ts";
import type { Coordinate, Lowering } from "../node/op.ts";
import { literal } from "../ops/arithmetic.ts";
import { storedAsHalf } from "../ops/half.ts";
import { streamOf } from "../ops/noise.ts";
import { shifted } from "../ops/shape.ts";
import { createPlaces, type ElementPlace, type LoopPlaces } from "./places.ts";

// Writes the body of an elementwise kernel: one WGSL line an op, each line a call of a hand-written function. Views
// (slices, transposes, broadcasts, pads) become index arithmetic of the loads, so they cost no kernel and no memory.

/** The loop whose body is written. */
export interface Loop extends LoopPlaces {
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

/** Thrown where a body would read what the same kernel writes at another place; the caller splits the kernel. */
export class NotFusible extends Error {}

export interface Body {
  /** WGSL for the node's value at element `i`; its lines are added as needed. */
  value(node: Node): string;
  /** What a guarded view shows at element `i`: a value, its place in memory, and the condition that there is one. */
  shown(view: Node): Shown;
  readonly lines: string[];
  readonly reads: Read[];
  /** Whether the body reads the state buffer. */
  usesState(): boolean;
  /** Whether it uses coordinates that the loop has. */
  usesCoordinates(): boolean;
}

/** WGSL of what a view shows. */
export interface Shown {
  readonly value: string;
  readonly index: string;
  readonly condition: string;
}

export function writeBody(loop: Loop): Body {
  const { lanes } = loop;
  const lines: string[] = [];
  const reads: Read[] = [];
  const memo = new Map<string, string>();
  const ids = new Map<Node, number>();
  const guardNames = new Map<string, string>();
  let state = false;
  let counter = 0;

  const define = (prefix: string, expression: string, comment = ""): string => {
    const name = `${prefix}${counter++}`;
    lines.push(`let ${name} = ${expression};${comment && `  // ${comment}`}`);
    return name;
  };
  const places = createPlaces(loop, define);
  const idOf = (node: Node): number => {
    if (!ids.has(node)) ids.set(node, ids.size);
    return ids.get(node)!;
  };
  const splat = (scalar: string): string => (lanes === 4 ? `vec4f(${scalar})` : scalar);

  return {
    value: (node) => evaluate(node, { linear: "i" }, ""),
    shown: (view) => {
      const [input] = view.inputs;
      const { at, condition } = seen(view, { linear: "i" }, "");
      return { value: evaluate(input, at, condition), index: places.linearIndex(input.shape, at), condition };
    },
    lines,
    reads,
    usesState: () => state,
    usesCoordinates: places.usesLoop,
  };

  function evaluate(node: Node, at: ElementPlace, guard: string): string {
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

  function compute(node: Node, at: ElementPlace, guard: string): string {
    const { lowering } = node.op;
    const here = "linear" in at && at.linear === "i";
    if (here && loop.given?.has(node)) return loop.given.get(node)!;
    if (loop.computes.has(node) && !here) throw new NotFusible();
    if (loop.inMemory(node) && !loop.computes.has(node)) return load(node, at, guard);
    switch (lowering.kind) {
      case "map": {
        const args = node.inputs.map((input) =>
          evaluate(
            input,
            sameShape(input.shape, node.shape) ? at : places.broadcast(input.shape, node.shape, at),
            guard,
          ),
        );
        return define("v", lowering.wgsl(args, node.attributes, lanes === 4 ? "4" : ""));
      }
      case "reshape":
        return evaluate(node.inputs[0], places.reshaped(node.inputs[0].shape, node.shape, at), guard);
      case "view": {
        const { at: place, condition } = seen(node, at, guard);
        const value = evaluate(node.inputs[0], place, condition);
        return condition === guard ? value : define("v", `select(${splat("0.0")}, ${value}, ${condition})`);
      }
      case "concat":
        return concatenate(node, places.coordinatesOf(node.shape, at), guard);
      case "noise":
        return noise(node, lowering.distribution, at);
      case "iota":
        return coordinate(places.coordinatesOf(node.shape, at)[node.attributes.axis as number]);
      default:
        throw new Error(`A ${node.op.name} cannot be computed inside another kernel.`);
    }
  }

  /** Where a view looks, and under which condition there is something. */
  function seen(view: Node, at: ElementPlace, guard: string): { at: ElementPlace; condition: string } {
    const { access } = view.op.lowering as Extract<Lowering, { kind: "view" }>;
    const { coordinates, guards } = access(view, places.coordinatesOf(view.shape, at));
    const inside = guards.map(({ coordinate, from, to }) => places.within(coordinate, from, to));
    if (inside.length === 0) return { at: { coordinates }, condition: guard };
    const text = [...inside, ...(guard ? [guard] : [])].join(" && ");
    if (!guardNames.has(text)) guardNames.set(text, define("g", text));
    return { at: { coordinates }, condition: guardNames.get(text)! };
  }

  function concatenate(node: Node, at: readonly Coordinate[], guard: string): string {
    const axis = node.attributes.axis as number;
    let from = 0;
    let value = "";
    for (const part of node.inputs) {
      const extent = part.shape[axis];
      const condition = define("g", places.within(at[axis], from, from + extent) + (guard && ` && ${guard}`));
      const coordinates = at.map((c, k) => (k === axis ? shifted(c, -from) : c));
      const piece = evaluate(part, { coordinates }, condition);
      value = value ? define("v", `select(${value}, ${piece}, ${condition})`) : piece;
      from += extent;
    }
    return value;
  }

  function noise(node: Node, distribution: "uniform" | "normal", at: ElementPlace): string {
    state = true;
    const linear = places.linearIndex(node.shape, at);
    const convert = distribution === "uniform" ? "uniform4" : "gaussian4";
    const counterOf = `vec4u(${linear} >> 2u, ${streamOf(node.name!)}u, state.step.x, state.step.y)`;
    const four = define("n", `${convert}(philox(${counterOf}, state.seed))`, node.name);
    return lanes === 4 ? four : `${four}[${linear} & 3u]`;
  }

  function coordinate({ axis, offset }: Coordinate): string {
    if (axis < 0) return splat(literal(offset));
    const { name, lane } = places.axis(axis);
    // By way of i32: SwiftShader spends several instructions on a u32.
    const first = offset === 0 ? `f32(i32(${name}))` : `f32(i32(${name}) + ${offset})`;
    return define("v", lanes === 4 && lane ? `${first} + vec4f(0.0, 1.0, 2.0, 3.0)` : splat(first));
  }

  // --- loads --------------------------------------------------------------------------------------------------------

  function load(node: Node, at: ElementPlace, guard: string): string {
    const { expression, laneStride, aligned } = places.offsetOf(node.shape, at);
    const offset = /^\w+$/.test(expression) ? expression : `(${expression})`;
    // A guarded load must stay inside its buffer, whatever the index: where the guard is false it reads element 0.
    const safe = guard ? `select(0u, ${offset}, ${guard})` : offset;
    const read = (element: Read["element"], index: string): string => {
      const value = `${nameOf(node, element)}[${index}]`;
      return storedAsHalf(node) ? `${element}(${value})` : value;
    };
    if (lanes === 1) return define("v", read("f32", safe), node.name);
    if (laneStride === 0) return define("v", `vec4f(${read("f32", safe)})`, node.name);
    if (laneStride === 1 && aligned) return define("v", read("vec4f", `${safe} >> 2u`), node.name);
    const first = define("j", safe);
    const elements = [0, 1, 2, 3].map((lane) => read("f32", `${first} + ${lane * laneStride}u`));
    return define("v", `vec4f(${elements.join(", ")})`, node.name);
  }

  function nameOf(node: Node, element: Read["element"]): string {
    let index = reads.findIndex((read) => read.node === node && read.element === element);
    if (index < 0) index = reads.push({ node, element }) - 1;
    return `in${index}`;
  }
}
