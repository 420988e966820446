import { type Node, type Shape, sameShape, sizeOf } from "../node/node.ts";
import { storedAsHalf } from "../ops/half.ts";
import { reduceExtents, spanOf } from "../ops/reduce.ts";
import { type Body, type Shown, writeBody } from "./expression.ts";
import { NotVectorisable } from "./places.ts";

/** One kernel to be: everything that is computed in one pass over one loop. */
export interface Group {
  readonly kind: "map" | "reduce" | "product" | "kernel";
  /** The shape that the loop runs through: a reduction's input, the result of any other. */
  readonly shape: Shape;
  /** Values written to memory element by element. */
  readonly stores: readonly Node[];
  /** Of a map whose one store is zeros around a value: that value, which it computes and stores as well. */
  readonly image?: Node;
  /** Reductions over the loop; all have the same extents. */
  readonly reductions: readonly Node[];
  /** A matmul or a convolution. */
  readonly product?: Node;
}

export const groupOutputs = ({ stores, image, reductions }: Group): readonly Node[] => [
  ...stores,
  ...(image ? [image] : []),
  ...reductions,
];

/** What a loop over [outer, reduced, inner] looks like; a map is a loop over inner alone. */
export function extentsOf(group: Group): { outer: number; reduced: number; inner: number } {
  const [reduction] = group.reductions;
  if (!reduction) return { outer: 1, reduced: 1, inner: sizeOf(group.shape) };
  return reduceExtents(reduction.inputs[0].shape, spanOf(reduction));
}

export interface WrittenGroup {
  readonly group: Group;
  readonly lanes: 1 | 4;
  readonly body: Body;
  /** WGSL of each store's value, then of each reduction's operand. */
  readonly values: readonly string[];
  /** Where the group's image is, at an element of the zeros around it. */
  readonly image?: Shown;
  /** Nodes whose memory is read, a product's operands included. */
  readonly reads: ReadonlySet<Node>;
  /** Storage buffers that the kernel binds. */
  readonly bindings: number;
}

/** Writes a group's body, with four lanes where the shapes allow and `most` does; a kernel's is its own. Throws NotFusible. */
export function writeGroup(
  group: Group,
  context: { inMemory: (node: Node) => boolean; scheduleIndex: (name: string) => number },
  most: 1 | 4 = 4,
): WrittenGroup {
  if (group.kind === "kernel" || most === 1) return write(group, 1, context);
  const { reduced, inner } = extentsOf(group);
  const laneExtent =
    group.kind === "reduce"
      ? inner === 1
        ? reduced
        : inner
      : group.kind === "map"
        ? inner
        : group.shape[group.shape.length - 1];
  if (laneExtent % 4 === 0) {
    try {
      return write(group, 4, context);
    } catch (error) {
      if (!(error instanceof NotVectorisable)) throw error;
    }
  }
  return write(group, 1, context);
}

function write(group: Group, lanes: 1 | 4, context: Parameters<typeof writeGroup>[1]): WrittenGroup {
  const accumulator: readonly (readonly [Node, string])[] = group.product ? [[group.product, "accumulator"]] : [];
  const body = writeBody({
    shape: group.shape,
    lanes,
    coordinates: loopCoordinates(group, lanes),
    given: new Map(accumulator),
    computes: new Set(group.stores),
    ...context,
    inMemory: (node) => node !== group.image && context.inMemory(node),
  });
  const computed = group.kind === "kernel" ? [] : group.stores;
  const values = [...computed, ...group.reductions.map((reduction) => reduction.inputs[0])].map(body.value);
  const image = group.image && body.shown(group.stores[0]);
  const operands = operandsOf(group);
  const reads = new Set([...body.reads.map(({ node }) => node), ...operands]);
  const bindings = body.reads.length + operands.length + groupOutputs(group).length;
  return { group, lanes, body, values, image, reads, bindings };
}

/** What a hand-written kernel reads beside its body. */
const operandsOf = ({ kind, product, stores: [node] }: Group): Node[] =>
  (kind === "kernel" ? node : product)?.inputs.map(memoryOf) ?? [];

/** Coordinates that the kernel's own loops hold, so that no division is spent on them. */
function loopCoordinates(group: Group, lanes: 1 | 4): (string | undefined)[] {
  const names = group.shape.map(() => undefined as string | undefined);
  if (group.kind === "product") {
    names[names.length - 1] = "column";
    if (names.length === 2) names[0] = "row";
    return names;
  }
  const scale = (name: string, innermost: boolean) => (lanes === 4 && innermost ? `(${name} * 4u)` : name);
  if (group.kind === "map") {
    const inner = innermostAxis(group.shape);
    return names.map((_, axis) => (axis < inner ? `at${axis}` : axis === inner ? scale("column", true) : "0u"));
  }
  const [reduction] = group.reductions;
  if (!reduction || !sameShape(group.shape, reduction.inputs[0].shape)) return names;
  const { from, to } = spanOf(reduction);
  const { inner } = extentsOf(group);
  if (from === 1) names[0] = "outer";
  if (to - from === 1) names[from] = scale("reduced", inner === 1);
  if (group.shape.length - to === 1) names[to] = scale("inner", true);
  return names;
}

/** The last axis that is longer than 1: a map's rows run along it. */
export const innermostAxis = (shape: Shape): number =>
  Math.max(
    0,
    shape.findLastIndex((extent) => extent > 1),
  );

/** Whether a value takes two bytes an element in memory. */
export const isHalf = (node: Node): boolean => storedAsHalf(memoryOf(node));

/** The node that a value lies in memory as: reshapes are the same memory. */
export function memoryOf(node: Node): Node {
  let result = node;
  while (result.op.lowering.kind === "reshape") result = result.inputs[0];
  return result;
}
