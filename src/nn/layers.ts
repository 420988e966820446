import type { Node } from "../node/node.ts";
import { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from "../ops/activation.ts";
import { add } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { type InitializerName, initializers } from "./initializers.ts";
import { type Parameter, trained } from "./parameter.ts";
import type { Pass } from "./pass.ts";

export const activations = { relu, leakyRelu, elu, gelu, silu, sigmoid, tanh, softplus } as const satisfies Record<
  string,
  (x: Node) => Node
>;

export type ActivationName = keyof typeof activations;

/** A layer: the tensors it keeps and the function it is. */
export interface Layer {
  readonly parameters: readonly Parameter[];
  /** x: [batch, ...] */
  apply(x: Node, pass: Pass): Node;
}

/** y = x W + b. x: [batch, inputs], W: [inputs, outputs], b: [outputs] → [batch, outputs]. */
export function dense(name: string, inputs: number, outputs: number, initializer: InitializerName = "pytorch"): Layer {
  const { weight, bias } = initializers[initializer];
  const fans = { fanIn: inputs, fanOut: outputs };
  const w = trained(`${name}.weight`, [inputs, outputs], weight, fans);
  const b = trained(`${name}.bias`, [outputs], bias, fans);
  return { parameters: [w, b], apply: (x) => add(matmul(x, w.node), b.node) };
}

/** An activation as a layer. */
export const activation = (name: ActivationName): Layer => ({ parameters: [], apply: (x) => activations[name](x) });

/** One layer after another. */
export const sequence = (layers: readonly Layer[]): Layer => ({
  parameters: layers.flatMap(({ parameters }) => parameters),
  apply: (x, pass) => layers.reduce((h, layer) => layer.apply(h, pass), x),
});

export interface MlpOptions {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: ActivationName;
  readonly initializer: InitializerName;
}

/** Dense layers with an activation after each but the last, which is named `<name>.out`; the others count from 0. */
export function mlp(name: string, { inputs, hidden, outputs, initializer, ...options }: MlpOptions): Layer {
  const widths = [inputs, ...hidden];
  const activate = activation(options.activation);
  return sequence([
    ...hidden.flatMap((width, k) => [dense(`${name}.${k}`, widths[k], width, initializer), activate]),
    dense(`${name}.out`, widths[widths.length - 1], outputs, initializer),
  ]);
}
