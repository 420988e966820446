import { type BenchCase, graphCase } from "../bench/case.ts";
import { randomFloats } from "../bench/data.ts";
import type { Node } from "../node/node.ts";
import * as activation from "../ops/activation.ts";
import * as arithmetic from "../ops/arithmetic.ts";
import { half } from "../ops/half.ts";
import { input } from "../ops/leaf.ts";
import { bceWithLogits, klStandardNormal } from "../ops/loss.ts";

/** Extents that make vec4f, and such that do not. */
const VECTORS = [33, 20];
const SCALARS = [17, 59];

type Unary = (x: Node) => Node;

/** Functions of one number, from −4 to 4. */
const ANYWHERE: Readonly<Record<string, Unary>> = {
  ...{ exp: arithmetic.exp, expm1: arithmetic.expm1, square: arithmetic.square, abs: arithmetic.abs },
  ...{ neg: arithmetic.neg, floor: arithmetic.floor, clamp: (x) => arithmetic.clamp(x, -1.5, 2) },
  ...{ relu: activation.relu, elu: activation.elu, gelu: activation.gelu, silu: activation.silu },
  ...{ sigmoid: activation.sigmoid, tanh: activation.tanh, softplus: activation.softplus },
  ...{ leakyRelu: (x) => activation.leakyRelu(x, 0.1), half },
};

/** Functions of a number above 0. */
const ABOVE_ZERO: Readonly<Record<string, Unary>> = { log: arithmetic.log, sqrt: arithmetic.sqrt };

/** What must stay right, and finite, at ±100: adapters' own functions are not. */
const EXTREME: Readonly<Record<string, Unary>> = {
  ...{ gelu: activation.gelu, silu: activation.silu, sigmoid: activation.sigmoid, tanh: activation.tanh },
  ...{ softplus: activation.softplus, elu: activation.elu },
  bceWithLogits: (x) => bceWithLogits(x, activation.sigmoid(arithmetic.mul(x, 0.01))),
};

const OF_TWO: Readonly<Record<string, (a: Node, b: Node) => Node>> = {
  ...{ add: arithmetic.add, sub: arithmetic.sub, mul: arithmetic.mul, greater: arithmetic.greater },
  div: (a, b) => arithmetic.div(a, arithmetic.add(arithmetic.square(b), 0.5)),
};

/** Every function that is computed element by element. */
export function elementCases(): BenchCase[] {
  const unary = (functions: Readonly<Record<string, Unary>>, low: number, high: number, remark = "") =>
    Object.entries(functions).map(([name, of]) =>
      graphCase({
        kernel: "element",
        variant: `${name}${remark}`,
        shape: VECTORS.join("x"),
        outputs: { y: of(input("x", VECTORS)) },
        feeds: () => ({ x: randomFloats(VECTORS[0] * VECTORS[1], 1, low, high) }),
      }),
    );
  const ofTwo = Object.entries(OF_TWO).flatMap(([name, of]) =>
    [VECTORS, SCALARS].map((shape) =>
      graphCase({
        kernel: "element",
        variant: name,
        shape: `${shape.join("x")} by ${shape[1]}`,
        outputs: { y: of(input("a", shape), input("b", [shape[1]])) },
        feeds: () => ({ a: randomFloats(shape[0] * shape[1], 1, -4, 4), b: randomFloats(shape[1], 2, -4, 4) }),
      }),
    ),
  );
  return [
    ...unary(ANYWHERE, -4, 4),
    ...unary(ABOVE_ZERO, 0.01, 4),
    ...unary(EXTREME, -100, 100, " at ±100"),
    ...unary({ klStandardNormal: (x) => klStandardNormal(x, x) }, -30, 30, " at ±30"),
    ...ofTwo,
  ];
}
