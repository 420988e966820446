import { type Node, type Shape, sizeOf } from "../node/node.ts";
import { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from "../ops/activation.ts";
import { add } from "../ops/arithmetic.ts";
import { parameter } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { drawFor, type Initializer, type InitializerName, initializers } from "./initializers.ts";

/** A tensor that a model keeps: its node, and its values before training. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly node: Node;
  /** Moved by the optimizer; otherwise a running statistic, whose next value a training step computes itself. */
  readonly trained: boolean;
  /** f32 of `shape`, a function of the seed alone. */
  initialize(seed: number): Float32Array;
}

export const activations = { relu, leakyRelu, elu, gelu, silu, sigmoid, tanh, softplus } as const satisfies Record<
  string,
  (x: Node) => Node
>;

export type ActivationName = keyof typeof activations;

/** What a layer is applied for: a step of training, or anything else (evaluation, encoding, sampling). */
export type Pass = { readonly training: false } | TrainingPass;

export interface TrainingPass {
  readonly training: true;
  /** [batch]: 1 for each example, and 0 for the rows past the end of a ragged last batch. */
  readonly weight: Node;
  /**
   * Says what a running statistic becomes with this step. Throws ReparamError "config" where that was said before, for
   * another shape, and for what is no running statistic of the model.
   */
  update(statistic: Parameter, next: Node): void;
}

/** The pass of everything that is no training. */
export const inference: Pass = { training: false };

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
    trained: true,
    initialize: (seed) => initializer(drawFor(name, seed, { shape, ...fans })),
  };
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

/** The numbers that are trained. */
export const parameterCount = (parameters: readonly Parameter[]): number =>
  parameters.reduce((sum, { shape, trained }) => sum + (trained ? sizeOf(shape) : 0), 0);
