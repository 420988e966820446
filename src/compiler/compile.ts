import { ReparamError } from "../errors.ts";
import type { DeviceProfile } from "../gpu/profile.ts";
import { collect, type Graph } from "../graph/graph.ts";
import { createNode, type Node } from "../node/node.ts";
import { broadcastToOp } from "../ops/shape.ts";
import { MAX_SCHEDULES } from "../plan/binding.ts";
import type { Plan } from "../plan/plan.ts";
import type { Product } from "../plan/product.ts";
import { formGroups } from "./fuse.ts";
import { memoryOf, type WrittenGroup } from "./groups.ts";
import { halveOperands, keepInFull, readInFull } from "./halve-operands.ts";
import { lowerGroup } from "./lower.ts";
import { minorProducts, productOf } from "./lower-product.ts";
import { assignMemory, type Place, tensorBytes } from "./memory.ts";
import { padImages } from "./pad-images.ts";
import { shareLaunches } from "./share-launches.ts";
import { simplify } from "./simplify.ts";

export interface CompileOptions {
  readonly profile: DeviceProfile;
  /** Where parameters and inputs are, by name. */
  readonly leaves: (node: Node) => Place;
  /** Where an output has to be written; elsewhere the plan finds a place itself. */
  readonly outputs?: (name: string) => Place | undefined;
  /** Names of the schedules, in the order of the state buffer. */
  readonly schedules?: readonly string[];
  /** false: one kernel an op, nothing rewritten. */
  readonly fuse?: boolean;
  /** How operands of matmuls and convolutions are stored; "f32" by default. Sums are f32 in either case. */
  readonly precision?: Precision;
}

export type Precision = "f32" | "f16";

/**
 * Turns a graph into a plan: simplify, fuse, choose kernels, order them, assign memory.
 * Throws ReparamError "config" for 16-bit floats where the device has none.
 */
export function compile(source: Graph, options: CompileOptions): Plan {
  const { profile, leaves, outputs } = options;
  const { graph, groups } = groupsOf(source, options);
  const minor = minorProducts(groups);
  const alone = groups.flatMap((group) => lowerGroup(group, profile, minor.has(group)));
  const kept = new Set(Object.values(graph.outputs).map(memoryOf));
  const drafts = options.fuse === false ? alone : shareLaunches(alone, kept);

  const fixed = new Map<Node, Place>();
  for (const node of graph.nodes) if (node.op.lowering.kind === "leaf") fixed.set(node, leaves(node));
  for (const [name, node] of Object.entries(graph.outputs)) {
    const place = outputs?.(name);
    if (place) fixed.set(memoryOf(node), place);
  }
  const { dispatches, slots, places } = assignMemory(drafts, fixed, kept);
  const results = Object.entries(graph.outputs).map(([name, node]) => {
    const root = memoryOf(node);
    return [
      name,
      { binding: { ...places.get(root)!, size: tensorBytes(root), access: "read" as const }, shape: node.shape },
    ];
  });
  return { dispatches, slots, outputs: Object.fromEntries(results) };
}

/** The graph as its kernels will see it. */
export function prepare(
  source: Graph,
  { profile, fuse = true, precision = "f32" }: Pick<CompileOptions, "profile" | "fuse" | "precision">,
): Graph {
  if (precision === "f16" && !profile.f16) {
    throw new ReparamError(
      "config",
      "The precision is f16, and this adapter has no 16-bit floats (WebGPU's feature shader-f16): use f32.",
    );
  }
  const padded = padImages(fuse ? simplify(source) : source);
  const halved = precision === "f16" ? halveOperands(padded) : padded;
  return profile.f16 ? readInFull(halved) : keepInFull(halved);
}

/** The products of a graph's plan, each with the node that it computes. */
export const productsOf = (
  source: Graph,
  options: Pick<CompileOptions, "profile" | "schedules">,
): { readonly node: Node; readonly product: Product }[] =>
  groupsOf(source, options)
    .groups.filter(({ group }) => group.product)
    .map((written) => ({ node: written.group.product!, product: productOf(written, options.profile).product }));

function groupsOf(
  source: Graph,
  {
    profile,
    outputs,
    schedules = [],
    fuse = true,
    precision,
  }: Pick<CompileOptions, "profile" | "outputs" | "schedules" | "fuse" | "precision">,
): { graph: Graph; groups: WrittenGroup[] } {
  if (schedules.length > MAX_SCHEDULES) {
    throw new ReparamError(
      "config",
      `The run has ${schedules.length} schedules, three for each objective among them, and a step has room for ${MAX_SCHEDULES}.`,
    );
  }
  const graph = ownOutputs(prepare(source, { profile, fuse, precision }), outputs);
  const groups = formGroups(graph, {
    fuse,
    scheduleIndex: (name) => {
      const index = schedules.indexOf(name);
      if (index < 0)
        throw new ReparamError("config", `The graph uses the schedule "${name}", and the run has none of that name.`);
      return index;
    },
  });
  return { graph, groups };
}

/**
 * Gives an output with a place of its own a copy there, where its value is also a leaf, another output or an operand:
 * places may be parts of one buffer, and a dispatch must not read from the buffer that it writes to.
 */
function ownOutputs(graph: Graph, outputs: CompileOptions["outputs"]): Graph {
  const operands = graph.nodes.filter(({ op }) => op.lowering.kind !== "reshape").flatMap(({ inputs }) => inputs);
  const uses = new Map<Node, number>();
  for (const root of [...new Set(operands), ...Object.values(graph.outputs)].map(memoryOf)) {
    uses.set(root, (uses.get(root) ?? 0) + 1);
  }
  const own = Object.entries(graph.outputs).map(([name, node]): [string, Node] => {
    const root = memoryOf(node);
    const needsCopy = outputs?.(name) && (uses.get(root)! > 1 || root.op.lowering.kind === "leaf");
    return [name, needsCopy ? createNode(broadcastToOp, [node], { shape: node.shape }) : node];
  });
  return collect(Object.fromEntries(own));
}
