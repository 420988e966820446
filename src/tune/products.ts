import { productsOf } from "../compiler/compile.ts";
import type { DeviceProfile } from "../gpu/profile.ts";
import { collect, type Graph } from "../graph/graph.ts";
import { productClass, productName } from "../kernels/choice.ts";
import type { Model } from "../models/model.ts";
import { createNode, type Node, sizeOf } from "../node/node.ts";
import { add } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import type { Product } from "../plan/product.ts";
import { stageGraphs } from "../train/objective.ts";

/** A product to find the best choice for, standing for all of its class. */
export interface Subject {
  readonly name: string;
  readonly class: string;
  /** The product alone, its operands as inputs. */
  readonly graph: Graph;
  readonly product: Product;
  /** Multiply-adds. */
  readonly work: number;
}

/** The products of a model's training steps, one of each class. */
export const subjectsOfModel = (model: Model, batchSize: number, profile: DeviceProfile): Subject[] =>
  subjectsOf(
    model.stages.flatMap((stage) => stageGraphs(model, stage, batchSize, true).map(({ graph }) => graph)),
    profile,
    Object.keys(model.schedules),
  );

/** The products of graphs, one of each class. */
export function subjectsOf(
  graphs: readonly Graph[],
  profile: DeviceProfile,
  schedules: readonly string[] = [],
): Subject[] {
  const subjects = new Map<string, Subject>();
  for (const graph of graphs) {
    for (const found of productsOf(graph, { profile, schedules })) {
      const subject = alone(found.node, found.product, profile);
      if (!subjects.has(subject.class)) subjects.set(subject.class, subject);
    }
  }
  return [...subjects.values()];
}

/** A product by itself. Where there is an epilogue in its place, there is one here, so that it is of the same class. */
function alone(node: Node, { epilogue }: Product, profile: DeviceProfile): Subject {
  const [a, b] = node.inputs;
  const result = createNode(node.op, [input("A", a.shape), input("B", b.shape)], node.attributes);
  const columns = node.shape[node.shape.length - 1];
  const graph = collect({ C: epilogue ? add(result, input("bias", [columns])) : result });
  const [{ product }] = productsOf(graph, { profile });
  const { depth } = node.op.lowering as { depth: (node: Node) => number };
  return {
    name: productName(product),
    class: productClass(product),
    graph,
    product,
    work: sizeOf(node.shape) * depth(node),
  };
}
