import { ReparamError } from "../errors.ts";
import { checkedNumber, checkedShape, createNode, type Node, type Shape, sizeOf } from "../node/node.ts";
import type { Op } from "../node/op.ts";

const shapeAttribute: Op["shape"] = (_, { shape }) => checkedShape(shape);

const fedFromOutside: Op["reference"] = (_, { node }) => {
  throw new ReparamError("config", `No value was given for ${node.op.name} "${node.name}".`);
};

export const parameterOp: Op = {
  name: "parameter",
  arity: 0,
  shape: shapeAttribute,
  gradient: () => [],
  reference: fedFromOutside,
  lowering: { kind: "leaf" },
};

export const inputOp: Op = { ...parameterOp, name: "input" };

export const scheduleOp: Op = { ...parameterOp, name: "schedule", shape: () => [], lowering: { kind: "schedule" } };

export const constantOp: Op = {
  name: "constant",
  arity: 0,
  shape: (_, { value, shape }) => {
    checkedNumber(value, "a constant's value");
    return checkedShape(shape);
  },
  gradient: () => [],
  reference: (_, { node }) => new Float64Array(sizeOf(node.shape)).fill(node.attributes.value as number),
  lowering: { kind: "constant" },
};

/** A trained tensor, `shape` f32, known by its name throughout a model. */
export const parameter = (name: string, shape: Shape): Node => createNode(parameterOp, [], { shape }, name);

/** A tensor fed from outside, such as a batch. */
export const input = (name: string, shape: Shape): Node => createNode(inputOp, [], { shape }, name);

/** A scalar that the run's schedules set at every step, such as the weight of the KL term. */
export const schedule = (name: string): Node => createNode(scheduleOp, [], {}, name);

/** The same number everywhere. */
export const constant = (value: number, shape: Shape = []): Node => createNode(constantOp, [], { value, shape });
