import { ReparamError } from "../errors.ts";
import { createNode, type Node } from "../node/node.ts";
import { binary, defineMap, unary } from "./map.ts";

export const addOp = defineMap<[Node, Node]>({
  name: "add",
  arity: 2,
  reference: ([a, b]) => a + b,
  wgsl: ([a, b]) => `(${a} + ${b})`,
  gradient: (_, dy) => [dy, dy],
});
export const add = binary(addOp);

export const subOp = defineMap<[Node, Node]>({
  name: "sub",
  arity: 2,
  reference: ([a, b]) => a - b,
  wgsl: ([a, b]) => `(${a} - ${b})`,
  gradient: (_, dy) => [dy, neg(dy)],
});
export const sub = binary(subOp);

export const mulOp = defineMap<[Node, Node]>({
  name: "mul",
  arity: 2,
  reference: ([a, b]) => a * b,
  wgsl: ([a, b]) => `(${a} * ${b})`,
  gradient: ([a, b], dy) => [mul(dy, b), mul(dy, a)],
});
export const mul = binary(mulOp);

export const divOp = defineMap<[Node, Node]>({
  name: "div",
  arity: 2,
  reference: ([a, b]) => a / b,
  wgsl: ([a, b]) => `(${a} / ${b})`,
  gradient: ([_, b], dy, y) => [div(dy, b), neg(div(mul(dy, y), b))],
  cost: 4,
});
export const div = binary(divOp);

export const negOp = defineMap<[Node]>({
  name: "neg",
  arity: 1,
  reference: ([x]) => -x,
  // Parentheses: the negative of a negative literal would read as `--`.
  wgsl: ([x]) => `(-(${x}))`,
  gradient: (_, dy) => [neg(dy)],
});
export const neg = unary(negOp);

export const expOp = defineMap<[Node]>({
  name: "exp",
  arity: 1,
  reference: ([x]) => Math.exp(x),
  wgsl: ([x], _, four) => `safe_exp${four}(${x})`,
  gradient: (_, dy, y) => [mul(dy, y)],
  cost: 10,
});
export const exp = unary(expOp);

/** eˣ − 1 without cancellation near 0. */
export const expm1Op = defineMap<[Node]>({
  name: "expm1",
  arity: 1,
  reference: ([x]) => Math.expm1(x),
  wgsl: ([x], _, four) => `safe_expm1${four}(${x})`,
  gradient: ([x], dy) => [mul(dy, exp(x))],
  cost: 12,
});
export const expm1 = unary(expm1Op);

/** ln x, for x > 0. */
export const logOp = defineMap<[Node]>({
  name: "log",
  arity: 1,
  reference: ([x]) => Math.log(x),
  wgsl: ([x], _, four) => `safe_log${four}(${x})`,
  gradient: ([x], dy) => [div(dy, x)],
  cost: 14,
});
export const log = unary(logOp);

export const sqrtOp = defineMap<[Node]>({
  name: "sqrt",
  arity: 1,
  reference: ([x]) => Math.sqrt(x),
  wgsl: ([x]) => `sqrt(${x})`,
  gradient: (_, dy, y) => [div(mul(dy, 0.5), y)],
  cost: 4,
});
export const sqrt = unary(sqrtOp);

export const squareOp = defineMap<[Node]>({
  name: "square",
  arity: 1,
  reference: ([x]) => x * x,
  wgsl: ([x]) => `(${x} * ${x})`,
  gradient: ([x], dy) => [mul(dy, mul(2, x))],
});
export const square = unary(squareOp);

export const absOp = defineMap<[Node]>({
  name: "abs",
  arity: 1,
  reference: ([x]) => Math.abs(x),
  wgsl: ([x]) => `abs(${x})`,
  gradient: ([x], dy) => [mul(dy, sub(greater(x, 0), greater(0, x)))],
});
export const abs = unary(absOp);

/** The largest whole number that is no larger than x; steps have no gradient. */
export const floorOp = defineMap<[Node]>({
  name: "floor",
  arity: 1,
  reference: ([x]) => Math.floor(x),
  wgsl: ([x]) => `floor(${x})`,
  gradient: () => [undefined],
});
export const floor = unary(floorOp);

/** x limited to [low, high]; the gradient passes where x lies inside or on a bound, as in PyTorch. */
export const clampOp = defineMap<[Node]>({
  name: "clamp",
  arity: 1,
  attributes: ["low", "high"],
  reference: ([x], { low, high }) => Math.min(Math.max(x, low as number), high as number),
  // select() instead of clamp(): clamp may turn NaN into a bound and hide it.
  wgsl: ([x], { low, high }, four) => {
    const vector = (value: unknown) => (four ? `vec4f(${literal(value as number)})` : literal(value as number));
    return `select(select(${x}, ${vector(high)}, ${x} > ${vector(high)}), ${vector(low)}, ${x} < ${vector(low)})`;
  },
  gradient: ([x], dy, { attributes }) => [
    mul(dy, sub(1, add(greater(attributes.low as number, x), greater(x, attributes.high as number)))),
  ],
});
export const clamp = (x: Node, low: number, high: number): Node => createNode(clampOp, [x], { low, high });

/** 1 where a > b, else 0: a mask, without a gradient. */
export const greaterOp = defineMap<[Node, Node]>({
  name: "greater",
  arity: 2,
  reference: ([a, b]) => (a > b ? 1 : 0),
  wgsl: ([a, b], _, four) => mask(`${a} > ${b}`, four),
  gradient: () => [undefined, undefined],
});
export const greater = binary(greaterOp);

/** 1 where a = b, else 0: a mask, without a gradient. */
export const equalOp = defineMap<[Node, Node]>({
  name: "equal",
  arity: 2,
  reference: ([a, b]) => (a === b ? 1 : 0),
  wgsl: ([a, b], _, four) => mask(`${a} == ${b}`, four),
  gradient: () => [undefined, undefined],
});
export const equal = binary(equalOp);

const mask = (condition: string, four: "" | "4"): string =>
  four ? `select(vec4f(0.0), vec4f(1.0), ${condition})` : `select(0.0, 1.0, ${condition})`;

/** A number as a WGSL f32 literal that reads back as the same f32; beyond the range of f32, its largest value. */
export function literal(value: number): string {
  const largest = 3.4028234663852886e38;
  const rounded = Math.fround(Math.min(Math.max(value, -largest), largest));
  if (Number.isNaN(rounded)) throw new ReparamError("config", "NaN cannot be a constant of a graph.");
  const text = String(rounded);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}
