import { sharedBuffers, together } from "../kernels/together.ts";
import { createNode, type Node } from "../node/node.ts";
import { inputOp } from "../ops/leaf.ts";
import { STATE } from "../plan/binding.ts";
import type { Draft } from "./draft.ts";
import { MAX_STORAGE_BUFFERS } from "./fuse.ts";
import { memoryOf } from "./groups.ts";
import { LaunchGraph, type Reader } from "./launch-graph.ts";
import { tensorBytes } from "./memory.ts";

type Value = Node | typeof STATE;

/**
 * What one workgroup does alone moves no more bytes than this, which takes it about as long as a launch. What is one
 * workgroup in any case may be longer.
 */
const CHAINED_BYTES = 32 * 1024;
const CHAINED_WORKGROUPS = 8;

/** How many launches away a loop may be from one that it joins: planning then takes as long a launch however many there are. */
const REACH = 128;

/** Of the 16 KB that a workgroup has on every device. */
const INNER_BYTES = 8 * 1024;

/** A draft in a chain. */
interface Link extends Draft {
  /** Every workgroup of the chain's last loop does it for itself. */
  readonly everywhere?: boolean;
}

/** What becomes one launch: chains of loops side by side, or a kernel as it is. */
interface Unit extends Reader<Value> {
  readonly chains: readonly (readonly Link[])[];
  /** Values that no other unit has to do with, nor anything outside of the plan. */
  readonly inner: ReadonlySet<Value>;
  /** The place of its last draft in the order given. */
  readonly at: number;
  readonly isLoops: boolean;
}

/**
 * Makes one launch of small loops of which one reads what another wrote, and of any loops that are independent of each
 * other, those first that read the same. Every loop computes what it did alone, to the bit. `kept`: what is read when the plan has run.
 */
export const shareLaunches = (drafts: readonly Draft[], kept: ReadonlySet<Node>): Draft[] =>
  inOrder(joinedUnits(drafts, kept), kept).map(asDraft);

/** The launches to be, as a graph. */
export function joinedUnits(drafts: readonly Draft[], kept: ReadonlySet<Node>): LaunchGraph<Unit> {
  const users = new Map<Value, number>([[STATE, 1], ...[...kept].map((node) => [node, 1] as const)]);
  for (const draft of drafts) {
    for (const value of valuesOf([draft])) users.set(value, (users.get(value) ?? 0) + 1);
  }
  const graph = new LaunchGraph(chainsOf(drafts, users).map((chain, at) => unitOf([chain], at, users)));
  for (const related of [true, false]) {
    for (let unit of graph.units) {
      if (!graph.has(unit)) continue;
      for (let found = partnerOf(unit, graph, related, users); found; ) {
        graph.join(unit, found.partner, found.joined);
        unit = found.joined;
        found = partnerOf(unit, graph, related, users);
      }
    }
  }
  return graph;
}

/**
 * Each draft as it is, but sums of what other sums have just been added up to, such as squared deviations from a mean: their workgroups
 * each add up those partial sums for themselves, where that is next to nothing of what they read. They then wait for one launch less.
 */
function chainsOf(drafts: readonly Draft[], users: Map<Value, number>): readonly (readonly Link[])[] {
  const writers = new Map(drafts.flatMap((draft) => [...writesOf([draft])].map((value) => [value, draft] as const)));
  const chains = drafts.map((draft): readonly Link[] => {
    if (draft.kernel !== "reduce/reduce" || !isLoop(draft) || isSmall(draft)) return [draft];
    const mean = [...readsOf([draft])].find((value) => {
      const last = writers.get(value);
      if (value === STATE || last?.kernel !== "reduce/reduce" || writesOf([last]).size > 1 || !isSmall(last))
        return false;
      const [partial] = readsOf([last]);
      const first = writers.get(partial);
      const others = [...readsOf([draft])].filter((other) => other !== value);
      const isSecondPass = first?.kernel === "reduce/reduce" && others.every((other) => readsOf([first]).has(other));
      return isSecondPass && last.bytes * draft.workgroups[0] <= draft.bytes / 16;
    }) as Node | undefined;
    if (!mean) return [draft];
    const own = createNode(inputOp, [], { shape: mean.shape }, mean.name ?? mean.op.name);
    const chain = [{ ...writers.get(mean)!, everywhere: true }, draft].map((link) => ({
      ...link,
      bindings: link.bindings.map((binding) => (placeOf(binding.node) === mean ? { ...binding, node: own } : binding)),
    }));
    users.set(own, 2);
    users.set(mean, users.get(mean)! - 1);
    for (const value of readsOf(chain.slice(0, 1))) users.set(value, users.get(value)! + 1);
    return chain;
  });
  // What only those have read is written for nobody.
  return chains.filter((chain) => [...writesOf(chain)].some((value) => value === STATE || users.get(value)! > 1));
}

/** Whether its last loop has workgroups of its own, which do all that is before it each for itself. */
const isSpread = (chain: readonly Link[]): boolean =>
  chain.length > 1 && chain.every(({ everywhere = false }, k) => everywhere === k < chain.length - 1);

/** Whether what is done everywhere is written to no buffer. */
const keepsToItself = (chain: readonly Link[], inner: ReadonlySet<Value>): boolean =>
  [...writesOf(chain.slice(0, -1))].every((value) => inner.has(value));

/** The unit that is best joined with one: a writer or reader of it, or one that has nothing to do with it. */
function partnerOf(
  unit: Unit,
  graph: LaunchGraph<Unit>,
  related: boolean,
  users: Users,
): { partner: Unit; joined: Unit } | undefined {
  if (!unit.isLoops) return undefined;
  const candidates = graph
    .near(unit, REACH)
    .filter((other) => other.isLoops && graph.areLinked(unit, other) === related)
    .map((other) => ({ other, shared: shared(unit, other), away: Math.abs(unit.at - other.at) }))
    .sort((a, b) => b.shared - a.shared || a.away - b.away);
  for (const { other } of candidates) {
    const joined = other.at < unit.at ? join(other, unit, users) : join(unit, other, users);
    if (joined && !graph.areApart(unit, other)) return { partner: other, joined };
  }
  return undefined;
}

/** By value, how many drafts have to do with it; one more where something outside of the plan has. */
type Users = ReadonlyMap<Value, number>;

/** Both in one launch, `first` before `second` where that reads from it. Undefined where that cannot be. */
function join(first: Unit, second: Unit, users: Users): Unit | undefined {
  if (meet(first.reads, second.writes)) return join(second, first, users);
  const linked = (a: readonly Draft[], b: readonly Draft[]) => meet(writesOf(a), readsOf(b));
  let chains = [...first.chains];
  for (const chain of second.chains) {
    const sources = chains.filter((other) => linked(other, chain));
    chains = [...chains.filter((other) => !sources.includes(other)), [...sources.flat(), ...chain]];
  }
  if (!chains.every((chain) => chain.length === 1 || chain.every(isSmall) || isSpread(chain))) return undefined;
  const unit = unitOf(chains, Math.max(first.at, second.at), users);
  if (unit.chains.some((chain) => isSpread(chain) && !keepsToItself(chain, unit.inner))) return undefined;
  const buffers = new Set([...unit.reads, ...unit.writes].filter((value) => !unit.inner.has(value)));
  if (buffers.size > MAX_STORAGE_BUFFERS) return undefined;
  const bound = buffersOf(unit)?.filter(({ access }) => access === "read" || access === "read_write");
  return bound && bound.length <= MAX_STORAGE_BUFFERS ? unit : undefined;
}

function unitOf(chains: Unit["chains"], at: number, users: Users): Unit {
  const drafts = chains.flat();
  return {
    chains,
    reads: readsOf(drafts),
    writes: writesOf(drafts),
    inner: innerOf(chains, users),
    at,
    isLoops: drafts.every(isLoop),
  };
}

/** What one chain alone has to do with, which its workgroup keeps to itself. */
function innerOf(chains: Unit["chains"], users: Users): Set<Value> {
  const inner = new Set<Value>();
  let bytes = 0;
  for (const chain of chains.filter(({ length }) => length > 1)) {
    for (const value of writesOf(isSpread(chain) ? chain.slice(0, -1) : chain)) {
      if (value === STATE || chain.filter((draft) => valuesOf([draft]).has(value)).length < users.get(value)!) continue;
      if (bytes + tensorBytes(value) > INNER_BYTES) continue;
      inner.add(value);
      bytes += tensorBytes(value);
    }
  }
  return inner;
}

const buffersOf = ({ chains, inner }: Unit) => sharedBuffers(chains.flat(), (node) => inner.has(placeOf(node)));

/** Where a draft reads what others of its chain wrote after the last wait, it waits. */
function withWaits(chain: readonly Link[]) {
  const written = new Set<Value>();
  return chain.map((loop) => {
    const waits = meet(written, readsOf([loop]));
    if (waits) written.clear();
    for (const value of writesOf([loop])) written.add(value);
    return { loop, waits, everywhere: loop.everywhere ?? false };
  });
}

function asDraft(unit: Unit): Draft {
  const { chains } = unit;
  const drafts = chains.flat();
  if (drafts.length === 1) return drafts[0];
  const total = (of: (draft: Draft) => number) => drafts.reduce((sum, draft) => sum + of(draft), 0);
  return {
    kernel: "loops/together",
    label: drafts.map(({ label }) => label).join("; "),
    shape: drafts.map(({ shape }) => shape).join(" + "),
    flops: total(({ flops }) => flops),
    bytes: total(({ bytes }) => bytes),
    ...together(chains.map(withWaits), buffersOf(unit)!),
  };
}

/** A map or a reduction, but for where its grid needs a second dimension. */
const isLoop = ({ kernel, workgroups }: Draft): boolean =>
  (kernel === "elementwise/map" || kernel === "reduce/reduce") && workgroups[1] === 1;

const isSmall = ({ workgroups: [groups], bytes }: Draft): boolean =>
  groups === 1 || (groups <= CHAINED_WORKGROUPS && bytes <= CHAINED_BYTES);

const placeOf = (node: Value): Value => (node === STATE ? node : memoryOf(node));

interface Accesses {
  readonly all: ReadonlySet<Value>;
  readonly reads: ReadonlySet<Value>;
  readonly writes: ReadonlySet<Value>;
}

const known = new WeakMap<Draft, Accesses>();

/** What a draft has to do with, found once. */
function accessesOf(draft: Draft): Accesses {
  let found = known.get(draft);
  if (!found) {
    const places = (wanted?: string) =>
      new Set(draft.bindings.filter(({ access }) => !wanted || access === wanted).map(({ node }) => placeOf(node)));
    found = { all: places(), reads: places("read"), writes: places("read_write") };
    known.set(draft, found);
  }
  return found;
}

const union = (drafts: readonly Draft[], of: keyof Accesses): ReadonlySet<Value> =>
  drafts.length === 1 ? accessesOf(drafts[0])[of] : new Set(drafts.flatMap((draft) => [...accessesOf(draft)[of]]));
const valuesOf = (drafts: readonly Draft[]) => union(drafts, "all");
const readsOf = (drafts: readonly Draft[]) => union(drafts, "reads");
const writesOf = (drafts: readonly Draft[]) => union(drafts, "writes");

function meet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  for (const value of a) if (b.has(value)) return true;
  return false;
}

const shared = (a: Unit, b: Unit): number =>
  [...b.reads, ...b.writes].filter((value) => a.reads.has(value) || a.writes.has(value)).length;

/**
 * Each after those that it reads from; of those that may be next, the one after which least lies in memory, which is how operands
 * of weights' gradients are let go early; of equal ones, the first in the order given.
 */
function inOrder(graph: LaunchGraph<Unit>, kept: ReadonlySet<Node>): Unit[] {
  const waits = new Map(graph.units.map((unit) => [unit, graph.sourcesOf(unit).size]));
  const readers = new Map<Value, number>();
  const made = new Set<Value>(graph.units.flatMap(({ writes }) => [...writes]));
  for (const { reads } of waits.keys()) for (const value of reads) readers.set(value, (readers.get(value) ?? 0) + 1);
  const bytes = (value: Value) => (value === STATE || kept.has(value) || !made.has(value) ? 0 : tensorBytes(value));
  const grows = ({ reads, writes, inner }: Unit): number => {
    let sum = 0;
    for (const value of writes) if (!inner.has(value) && readers.get(value)) sum += bytes(value);
    for (const value of reads) if (!inner.has(value) && readers.get(value) === 1) sum -= bytes(value);
    return sum;
  };
  const order: Unit[] = [];
  const ready = new Set([...waits.keys()].filter((unit) => waits.get(unit) === 0));
  while (ready.size > 0) {
    let next: Unit | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const unit of ready) {
      const growth = grows(unit);
      if (growth > least || (growth === least && unit.at > next!.at)) continue;
      least = growth;
      next = unit;
    }
    ready.delete(next!);
    order.push(next!);
    for (const value of next!.reads) readers.set(value, readers.get(value)! - 1);
    for (const reader of graph.readersOf(next!)) {
      waits.set(reader, waits.get(reader)! - 1);
      if (waits.get(reader) === 0) ready.add(reader);
    }
  }
  return order;
}
