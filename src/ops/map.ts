import {
  type Attributes,
  broadcastShapes,
  checkedNumber,
  createNode,
  type Node,
  type Shape,
  sizeOf,
  stridesOf,
} from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { constant } from "./leaf.ts";

interface MapDefinition<Arity extends Node[]> {
  readonly name: string;
  readonly arity: Arity["length"];
  /** Attributes that it needs, all of them numbers. */
  readonly attributes?: readonly string[];
  /** One element, in float64. */
  readonly reference: (args: number[], attributes: Attributes) => number;
  readonly wgsl: (args: readonly string[], attributes: Attributes, four: "" | "4") => string;
  readonly gradient: (inputs: Arity, dy: Node, node: Node) => readonly (Node | undefined)[];
  readonly cost?: number;
}

/** Defines an elementwise op; its inputs broadcast against each other. */
export function defineMap<Arity extends Node[]>(definition: MapDefinition<Arity>): Op {
  return {
    name: definition.name,
    arity: definition.arity,
    shape: (shapes, attributes) => {
      for (const key of definition.attributes ?? []) checkedNumber(attributes[key], `${definition.name}'s ${key}`);
      return broadcastShapes(definition.name, ...shapes);
    },
    gradient: (node, dy) => definition.gradient(node.inputs as Arity, dy, node),
    reference: (inputs, { node }) => {
      const result = new Float64Array(sizeOf(node.shape));
      const offsets = node.inputs.map((input) => broadcastOffsets(input.shape, node.shape));
      const args = new Array<number>(inputs.length);
      for (let i = 0; i < result.length; i++) {
        for (let k = 0; k < inputs.length; k++) args[k] = inputs[k][offsets[k](i)];
        result[i] = definition.reference(args, node.attributes);
      }
      return result;
    },
    lowering: { kind: "map", cost: definition.cost ?? 1, wgsl: definition.wgsl },
  };
}

/** Maps a linear index of `to` to the linear index of the element of `from` that broadcasts there. */
export function broadcastOffsets(from: Shape, to: Shape): (index: number) => number {
  const lead = to.length - from.length;
  const fromStrides = stridesOf(from);
  const toStrides = stridesOf(to);
  return (index) => {
    let offset = 0;
    for (let axis = 0; axis < from.length; axis++) {
      if (from[axis] === 1) continue;
      offset += (Math.floor(index / toStrides[lead + axis]) % to[lead + axis]) * fromStrides[axis];
    }
    return offset;
  };
}

/** An input of an elementwise op: a node, or a number that is the same everywhere. */
export type Operand = Node | number;

const asNode = (operand: Operand): Node => (typeof operand === "number" ? constant(operand) : operand);

export function unary(op: Op): (x: Node) => Node {
  return (x) => createNode(op, [x]);
}

export function binary(op: Op): (a: Operand, b: Operand) => Node {
  return (a, b) => createNode(op, [asNode(a), asNode(b)]);
}
