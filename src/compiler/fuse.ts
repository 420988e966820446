import type { Graph } from "../graph/graph.ts";
import { type Node, sameShape, sizeOf } from "../node/node.ts";
import { mulOp } from "../ops/arithmetic.ts";
import { maxOp } from "../ops/reduce.ts";
import { padOp } from "../ops/shape.ts";
import { NotFusible } from "./expression.ts";
import { extentsOf, type Group, groupOutputs, memoryOf, type WrittenGroup, writeGroup } from "./groups.ts";

/** WebGPU's default limit of storage buffers a kernel; plans keep to it on every device, so that they are the same. */
export const MAX_STORAGE_BUFFERS = 8;

/** A value whose computation costs more than this many multiply-adds an element is stored rather than computed twice. */
const RECOMPUTE_COST = 4;

/** The same for a number that small loops read: it would take one of their buffers. */
const SMALL_COST = 8;

/** Loops of no more elements than this cost a launch and little else: sharing any input is reason enough to merge them. */
const SMALL_LOOP = 4096;

export interface FuseOptions {
  /** false: every op is a kernel of its own, for comparison and for finding the first bad node. */
  readonly fuse: boolean;
  readonly scheduleIndex: (name: string) => number;
}

/** Divides a graph into kernels, in an order in which each comes after those that it reads from. */
export function formGroups(graph: Graph, options: FuseOptions): WrittenGroup[] {
  const consumers = consumersOf(graph);
  const memory = chooseMemory(graph, consumers, options.fuse);
  const epilogues = options.fuse ? extendProducts(graph, consumers, memory) : new Map<Node, Node>();
  if (options.fuse) storeSharedValues(graph, consumers, memory);

  const context = { inMemory: (node: Node) => isLeaf(node) || memory.has(node), scheduleIndex: options.scheduleIndex };
  let groups = initialGroups(graph, memory, epilogues);
  let written: WrittenGroup[] = [];
  // A value that one kernel has to store is read, no longer computed, by the others: so all are written again.
  for (let before = -1; before < memory.size; groups = written.map(({ group }) => group)) {
    before = memory.size;
    written = groups.flatMap(fit);
  }
  if (options.fuse) written = mergeGroups(written);
  if (options.fuse) written = withImages(written);
  return schedule(written);

  /** A group as one kernel, or in parts where one cannot be: it has too many bindings, or an epilogue of single lanes. */
  function fit(group: Group): WrittenGroup[] {
    const whole = writeGroup(group, context);
    const [end] = group.stores;
    const epilogue = group.product !== undefined && end !== group.product;
    if (whole.bindings <= MAX_STORAGE_BUFFERS && !(epilogue && whole.lanes === 1)) return [whole];
    if (epilogue) {
      memory.add(group.product!);
      const alone: Group = { ...group, stores: [group.product!] };
      return [alone, { kind: "map", shape: end.shape, stores: [end], reductions: [] } as const].flatMap(fit);
    }
    const inner = innerValues(group, memory);
    if (inner.length === 0) throw new Error(`A ${group.kind} kernel needs ${whole.bindings} buffers.`);
    for (const node of inner) memory.add(node);
    const parts = inner.map((node): Group => ({ kind: "map", shape: node.shape, stores: [node], reductions: [] }));
    return [...parts, group].flatMap(fit);
  }

  /** Maps of zeros around an image that a map of its own stores store it as well, in that one's place: it is computed once. */
  function withImages(groups: readonly WrittenGroup[]): WrittenGroup[] {
    let result = [...groups];
    for (const padding of groups) {
      const [node, ...others] = padding.group.stores;
      if (padding.group.kind !== "map" || node.op !== padOp || others.length > 0) continue;
      const image = memoryOf(node.inputs[0]);
      const alone = result.find(
        ({ group }) => group.kind === "map" && group.stores.length === 1 && group.stores[0] === image,
      );
      if (!alone) continue;
      const both = writeGroup({ ...padding.group, image }, context);
      if (both.bindings > MAX_STORAGE_BUFFERS) continue;
      result = result.flatMap((group) => (group === alone ? [] : group === padding ? [both] : [group]));
    }
    return result;
  }

  function mergeGroups(groups: readonly WrittenGroup[]): WrittenGroup[] {
    const result = [...groups];
    for (let a = 0; a < result.length; a++) {
      for (let b = a + 1; b < result.length; b++) {
        const merged = merge(result[a], result[b], result);
        if (!merged) continue;
        result[a] = merged;
        result.splice(b, 1);
        b = a;
      }
    }
    return result;
  }

  /** One kernel in the place of two that run through the same elements and share what they read. */
  function merge(a: WrittenGroup, b: WrittenGroup, all: readonly WrittenGroup[]): WrittenGroup | undefined {
    const group = joined(a.group, b.group);
    if (!group) return undefined;
    const produced = new Set([...groupOutputs(a.group), ...groupOutputs(b.group)]);
    const size = sizeOf(group.shape);
    const shares =
      [...b.reads].some((node) => produced.has(node) || (a.reads.has(node) && sizeOf(node.shape) >= size)) ||
      [...a.reads].some((node) => produced.has(node));
    if (!(shares || (size <= SMALL_LOOP && [...b.reads].some((node) => a.reads.has(node))))) return undefined;
    if (reachesAround(a, b, all) || reachesAround(b, a, all)) return undefined;
    try {
      const merged = writeGroup(group, context);
      const fits = merged.bindings <= MAX_STORAGE_BUFFERS && merged.lanes >= Math.min(a.lanes, b.lanes);
      // A result of the kernel may be used inside it only element for element.
      return fits && ![...merged.reads].some((node) => produced.has(node)) ? merged : undefined;
    } catch (error) {
      if (error instanceof NotFusible) return undefined;
      throw error;
    }
  }
}

const isLeaf = (node: Node): boolean => node.op.lowering.kind === "leaf";

function consumersOf(graph: Graph): Map<Node, Node[]> {
  const consumers = new Map<Node, Node[]>(graph.nodes.map((node) => [node, []]));
  for (const node of graph.nodes) for (const input of new Set(node.inputs)) consumers.get(input)!.push(node);
  return consumers;
}

/** The values that lie in memory come what may: outputs, results of products, kernels and reductions, operands of the first two. */
function chooseMemory(graph: Graph, consumers: ReadonlyMap<Node, readonly Node[]>, fuse: boolean): Set<Node> {
  const memory = new Set<Node>();
  const store = (node: Node) => {
    const root = memoryOf(node);
    if (!isLeaf(root)) memory.add(root);
  };
  for (const output of Object.values(graph.outputs)) store(output);
  for (const node of graph.nodes) {
    const { kind } = node.op.lowering;
    const operandsInMemory = kind === "product" || kind === "kernel";
    if (operandsInMemory) for (const operand of node.inputs) store(operand);
    if (operandsInMemory || kind === "reduce") memory.add(node);
    // Its gradient asks which elements equal the maximum: computed twice, they might differ in the last bit.
    if (node.op === maxOp && consumers.get(node.inputs[0])!.length > 1) store(node.inputs[0]);
    if (
      !fuse &&
      (kind === "map" || kind === "noise" || kind === "iota" || kind === "concat" || kind === "view") &&
      consumers.get(node)!.length > 0
    ) {
      memory.add(node);
    }
  }
  return memory;
}

/**
 * Lets each matmul and convolution go on as far as its result is used by one elementwise op only: bias, activation,
 * gradient mask, reshaped or not. Returns the last value of each one's chain, which takes its place in memory. A filter gradient has
 * none: its sums may come in slices.
 */
function extendProducts(
  graph: Graph,
  consumers: ReadonlyMap<Node, readonly Node[]>,
  memory: Set<Node>,
): Map<Node, Node> {
  const wanted = new Set(Object.values(graph.outputs).map(memoryOf));
  const ends = new Map<Node, Node>();
  const claimed = new Set<Node>();
  for (const node of graph.nodes) {
    const { lowering } = node.op;
    if (lowering.kind !== "product" || lowering.alone || node.shape[node.shape.length - 1] % 4 !== 0) continue;
    let end = node;
    const taken = new Set<Node>();
    for (let value = node; ; ) {
      const users = consumers.get(value)!;
      if (users.length !== 1 || wanted.has(memoryOf(value)) || (value !== node && memory.has(value))) break;
      const [next] = users;
      const { kind } = next.op.lowering;
      if (kind === "map" && sameShape(next.shape, value.shape) && !claimed.has(next)) {
        for (const input of next.inputs) if (input !== value && input.op.lowering.kind !== "constant") taken.add(input);
        if (3 + taken.size > MAX_STORAGE_BUFFERS) break;
        end = next;
        claimed.add(end);
      } else if (kind !== "reshape") break;
      value = next;
    }
    memory.delete(node);
    memory.add(end);
    ends.set(node, end);
  }
  return ends;
}

/** Stores values that several kernels would compute again, or one kernel many times because they are broadcast. */
function storeSharedValues(graph: Graph, consumers: ReadonlyMap<Node, readonly Node[]>, memory: Set<Node>): void {
  const cost = new Map<Node, number>();
  for (const node of graph.nodes) {
    const { lowering } = node.op;
    if (isLeaf(node) || memory.has(node)) {
      cost.set(node, 0);
      continue;
    }
    if (lowering.kind === "noise") {
      // Made again wherever it is needed: cheaper than a kernel and two trips through memory.
      cost.set(node, 0);
      continue;
    }
    let own = lowering.kind === "map" ? lowering.cost : 0;
    for (const input of node.inputs) {
      // Zeros around a value make it larger as well, but hardly ever twice as large.
      const cheap = sizeOf(node.shape) <= SMALL_LOOP ? SMALL_COST : 1;
      const repeated = 2 * sizeOf(input.shape) < sizeOf(node.shape) && cost.get(input)! > cheap;
      if (repeated) storeOnce(input);
      own += cost.get(input)!;
    }
    cost.set(node, own);
    const most = sizeOf(node.shape) === 1 ? SMALL_COST : RECOMPUTE_COST;
    if (own > most && consumers.get(node)!.length > 1) storeOnce(node);
  }

  /** Stores a value, or what it is a constant multiple of, where others want that as well. */
  function storeOnce(node: Node): void {
    const [operand, ...others] = node.inputs.filter(({ op }) => op.lowering.kind !== "constant");
    const isMultiple = node.op === mulOp && others.length === 0;
    if (isMultiple && consumers.get(operand)!.length > 1) {
      storeBelow(operand);
      cost.set(node, 1);
    } else storeBelow(node);
  }

  /** Views are not worth memory; what they look at is. */
  function storeBelow(node: Node): void {
    const { kind } = node.op.lowering;
    if (memory.has(node) || isLeaf(node)) return;
    if (kind === "view" || kind === "reshape") storeBelow(node.inputs[0]);
    else if (kind === "map" || kind === "concat") memory.add(node);
    cost.set(node, 0);
  }
}

function initialGroups(graph: Graph, memory: ReadonlySet<Node>, epilogues: ReadonlyMap<Node, Node>): Group[] {
  const ends = new Set(epilogues.values());
  const groups: Group[] = [];
  for (const node of graph.nodes) {
    const { kind } = node.op.lowering;
    if (kind === "product") {
      groups.push({
        kind: "product",
        shape: node.shape,
        stores: [epilogues.get(node) ?? node],
        reductions: [],
        product: node,
      });
    } else if (!memory.has(node) || ends.has(node)) {
    } else if (kind === "reduce") {
      groups.push({ kind: "reduce", shape: node.inputs[0].shape, stores: [], reductions: [node] });
    } else if (kind === "kernel") {
      groups.push({ kind: "kernel", shape: node.shape, stores: [node], reductions: [] });
    } else {
      groups.push({ kind: "map", shape: node.shape, stores: [node], reductions: [] });
    }
  }
  return groups;
}

/** The values just below a group's outputs, looking through views, that are computed and not in memory yet. */
function innerValues({ stores, reductions }: Group, memory: ReadonlySet<Node>): Node[] {
  const inner = new Set<Node>();
  const visit = (node: Node): void => {
    const { kind } = node.op.lowering;
    if (memory.has(node)) return;
    if (kind === "map" || kind === "concat") inner.add(node);
    else if (kind === "view" || kind === "reshape") visit(node.inputs[0]);
  };
  for (const root of [...stores, ...reductions]) root.inputs.forEach(visit);
  return [...inner];
}

function joined(a: Group, b: Group): Group | undefined {
  const open = (group: Group) => group.kind === "map" || group.kind === "reduce";
  if (!open(a) || !open(b) || sizeOf(a.shape) !== sizeOf(b.shape)) return undefined;
  const stores = [...a.stores, ...b.stores];
  const reductions = [...a.reductions, ...b.reductions];
  if (a.kind === "map" && b.kind === "map") return { kind: "map", shape: a.shape, stores, reductions };
  if (a.kind === "reduce" && b.kind === "reduce") {
    const [x, y] = [extentsOf(a), extentsOf(b)];
    if (x.outer !== y.outer || x.reduced !== y.reduced || x.inner !== y.inner) return undefined;
  }
  return { kind: "reduce", shape: a.kind === "reduce" ? a.shape : b.shape, stores, reductions };
}

/** Whether `from` leads to `to` by way of another group: then the two cannot be one kernel. */
function reachesAround(from: WrittenGroup, to: WrittenGroup, all: readonly WrittenGroup[]): boolean {
  const producer = producerOf(all);
  const seen = new Set<WrittenGroup>();
  const visit = (group: WrittenGroup): boolean => {
    if (group === from) return true;
    if (seen.has(group)) return false;
    seen.add(group);
    return sourcesOf(group, producer).some(visit);
  };
  return sourcesOf(to, producer).some((source) => source !== from && visit(source));
}

function producerOf(groups: readonly WrittenGroup[]): Map<Node, WrittenGroup> {
  return new Map(groups.flatMap((group) => groupOutputs(group.group).map((node) => [node, group] as const)));
}

const sourcesOf = (group: WrittenGroup, producer: ReadonlyMap<Node, WrittenGroup>): WrittenGroup[] =>
  [...group.reads]
    .map((node) => producer.get(node))
    .filter((source) => source !== undefined && source !== group) as WrittenGroup[];

/** Each group after those that it reads from; otherwise in the order given, which is the graph's. */
function schedule(groups: readonly WrittenGroup[]): WrittenGroup[] {
  const producer = producerOf(groups);
  const order: WrittenGroup[] = [];
  const done = new Set<WrittenGroup>();
  const visit = (group: WrittenGroup): void => {
    if (done.has(group)) return;
    done.add(group);
    for (const source of sourcesOf(group, producer)) visit(source);
    order.push(group);
  };
  for (const group of groups) visit(group);
  return order;
}
