import { type Node, type Shape, sizeOf } from "../graph/node.ts";
import { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from "../ops/activation.ts";
import { add } from "../ops/arithmetic.ts";
import { parameter } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { drawFor, type Initializer, type InitializerName, initializers } from "./initializers.ts";

/** A trained tensor of a model: its node, and its values before training. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly node: Node;
  /** f32 of `shape`, a function of the seed alone. */
  initialize(seed: number): Float32Array;
}

export const activations = { relu, leakyRelu, elu, gelu, silu, sigmoid, tanh, softplus } as const satisfies Record<
  string,
  (x: Node) => Node
>;

export type ActivationName = keyof typeof activations;

/** A layer: the parameters it trains and the function it is. */
export interface Layer {
  readonly parameters: readonly Parameter[];
  apply(x: Node): Node;
}

/** y = x W + b. x: [batch, inputs], W: [inputs, outputs], b: [outputs] → [batch, outputs]. */
export function dense(name: string, inputs: number, outputs: number, initializer: InitializerName): Layer {
  const { weight, bias } = initializers[initializer];
  const fans = { fanIn: inputs, fanOut: outputs };
  const w = trained(`${name}.weight`, [inputs, outputs], weight, fans);
  const b = trained(`${name}.bias`, [outputs], bias, fans);
  return { parameters: [w, b], apply: (x) => add(matmul(x, w.node), b.node) };
}

/** A parameter that an initializer draws. */
export function trained(
  name: string,
  shape: Shape,
  initializer: Initializer,
  fans: { fanIn: number; fanOut: number },
): Parameter {
  return {
    name,
    shape,
    node: parameter(name, shape),
    initialize: (seed) => initializer(drawFor(name, seed, { shape, ...fans })),
  };
}

export interface MlpOptions {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: ActivationName;
  readonly initializer: InitializerName;
}

/** Dense layers with an activation after each but the last, which is named `<name>.out`; the others count from 0. */
export function mlp(name: string, { inputs, hidden, outputs, activation, initializer }: MlpOptions): Layer {
  const widths = [inputs, ...hidden];
  const inner = hidden.map((width, k) => dense(`${name}.${k}`, widths[k], width, initializer));
  const last = dense(`${name}.out`, widths[widths.length - 1], outputs, initializer);
  const activate = activations[activation];
  return {
    parameters: [...inner, last].flatMap(({ parameters }) => parameters),
    apply: (x) => last.apply(inner.reduce((h, layer) => activate(layer.apply(h)), x)),
  };
}

export const parameterCount = (parameters: readonly Parameter[]): number =>
  parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
