import type { Parameter, Pass } from "../nn/layers.ts";
import type { Node, Shape } from "../node/node.ts";

/** The terms of a model's loss, each `[batch]`, in nats an example; `loss` is the one that is minimised. */
export type Terms = { readonly loss: Node } & Readonly<Record<string, Node>>;

/** An autoencoder as functions from nodes to nodes: everything that a run compiles comes from here. */
export interface Model {
  /** The shape of one example; images are [height, width, channels]. */
  readonly input: Shape;
  /** Numbers in a code. */
  readonly latent: number;
  readonly parameters: readonly Parameter[];
  /** The loss of each example. x: [batch, features] in 0..1. May read the schedule `klWeight`. */
  terms(x: Node, pass: Pass): Terms;
  /** x: [batch, features] → the code of each example, without noise: [batch, latent]. */
  encode(x: Node): Node;
  /** z: [batch, latent] → the example that each code stands for: [batch, features] in 0..1. */
  decode(z: Node): Node;
}
