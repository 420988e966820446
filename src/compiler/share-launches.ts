import { sharedBuffers, together } from "../kernels/together.ts";
import type { Node } from "../node/node.ts";
import { STATE } from "../plan/binding.ts";
import type { Draft } from "./draft.ts";
import { MAX_STORAGE_BUFFERS } from "./fuse.ts";
import { memoryOf } from "./groups.ts";

type Value = Node | typeof STATE;

/**
 * What one workgroup does alone moves no more bytes than this, which takes it about as long as a launch. What is one
 * workgroup in any case may be longer.
 */
const CHAINED_BYTES = 32 * 1024;
const CHAINED_WORKGROUPS = 8;

/** What becomes one launch: chains of loops side by side, or a kernel as it is. */
interface Unit {
  readonly chains: readonly (readonly Draft[])[];
  readonly reads: ReadonlySet<Value>;
  readonly writes: ReadonlySet<Value>;
  /** The place of its last draft in the order given. */
  readonly at: number;
  readonly isLoops: boolean;
}

/**
 * Makes one launch of small loops of which one reads what another wrote, and of any loops that are independent of each
 * other, those first that read the same. Every loop computes what it did alone, to the bit.
 */
export function shareLaunches(drafts: readonly Draft[]): Draft[] {
  const units = drafts.map((draft, at) => unitOf([[draft]], at));
  let graph = graphOf(units);
  for (const related of [true, false]) {
    for (let k = 0; k < units.length; k++) {
      for (let found = partnerOf(units, k, graph, related); found; found = partnerOf(units, k, graph, related)) {
        units[k] = found.joined;
        units.splice(units.indexOf(found.partner), 1);
        k = units.indexOf(found.joined);
        graph = graphOf(units);
      }
    }
  }
  return inOrder(units).map(asDraft);
}

/** The unit that is best joined with the k-th one: a writer or reader of it, or one that has nothing to do with it. */
function partnerOf(
  units: readonly Unit[],
  k: number,
  graph: UnitGraph,
  related: boolean,
): { partner: Unit; joined: Unit } | undefined {
  const unit = units[k];
  if (!unit.isLoops) return undefined;
  const before = reached([...graph.sources.get(unit)!], graph.sources);
  const behind = reached([...graph.readers.get(unit)!], graph.readers);
  const candidates = units
    .filter((other) => other !== unit && other.isLoops)
    .filter((other) => {
      const isSource = graph.sources.get(unit)!.has(other);
      const isReader = graph.readers.get(unit)!.has(other);
      if (!related) return !before.has(other) && !behind.has(other);
      if (isSource) return !leadsAround(other, unit, graph.readers);
      return isReader && !leadsAround(unit, other, graph.readers);
    })
    .map((other) => ({ other, shared: shared(unit, other), away: Math.abs(unit.at - other.at) }))
    .sort((a, b) => b.shared - a.shared || a.away - b.away);
  for (const { other } of candidates) {
    const joined = other.at < unit.at ? join(other, unit) : join(unit, other);
    if (joined) return { partner: other, joined };
  }
  return undefined;
}

/** Both in one launch, `first` before `second` where that reads from it. Undefined where that cannot be. */
function join(first: Unit, second: Unit): Unit | undefined {
  if (meet(first.reads, second.writes)) return join(second, first);
  const buffers = new Set([...first.reads, ...first.writes, ...second.reads, ...second.writes]);
  if (buffers.size > MAX_STORAGE_BUFFERS) return undefined;
  const linked = (a: readonly Draft[], b: readonly Draft[]) => meet(writesOf(a), readsOf(b));
  let chains = [...first.chains];
  for (const chain of second.chains) {
    const sources = chains.filter((other) => linked(other, chain));
    chains = [...chains.filter((other) => !sources.includes(other)), [...sources.flat(), ...chain]];
  }
  if (!chains.every((chain) => chain.length === 1 || chain.every(isSmall))) return undefined;
  const bound = sharedBuffers(chains.flat())?.filter(({ access }) => access !== "uniform");
  if (!bound || bound.length > MAX_STORAGE_BUFFERS) return undefined;
  return unitOf(chains, Math.max(first.at, second.at));
}

function unitOf(chains: Unit["chains"], at: number): Unit {
  const drafts = chains.flat();
  return {
    chains,
    reads: readsOf(drafts),
    writes: writesOf(drafts),
    at,
    isLoops: drafts.every(isLoop),
  };
}

/** Where a draft reads what others of its chain wrote after the last wait, it waits. */
function withWaits(chain: readonly Draft[]) {
  const written = new Set<Value>();
  return chain.map((loop) => {
    const waits = meet(written, readsOf([loop]));
    if (waits) written.clear();
    for (const value of writesOf([loop])) written.add(value);
    return { loop, waits };
  });
}

function asDraft({ chains }: Unit): Draft {
  const drafts = chains.flat();
  if (drafts.length === 1) return drafts[0];
  const total = (of: (draft: Draft) => number) => drafts.reduce((sum, draft) => sum + of(draft), 0);
  return {
    kernel: "loops/together",
    label: drafts.map(({ label }) => label).join("; "),
    shape: drafts.map(({ shape }) => shape).join(" + "),
    flops: total(({ flops }) => flops),
    bytes: total(({ bytes }) => bytes),
    ...together(chains.map(withWaits), sharedBuffers(drafts)!),
  };
}

/** A map or a reduction, but for where its grid needs a second dimension. */
const isLoop = ({ kernel, workgroups }: Draft): boolean =>
  (kernel === "elementwise/map" || kernel === "reduce/reduce") && workgroups[1] === 1;

const isSmall = ({ workgroups: [groups], bytes }: Draft): boolean =>
  groups === 1 || (groups <= CHAINED_WORKGROUPS && bytes <= CHAINED_BYTES);

const valuesOf = (drafts: readonly Draft[], wanted: "read" | "read_write"): Set<Value> =>
  new Set(
    drafts.flatMap(({ bindings }) =>
      bindings.flatMap(({ node, access }) => (access !== wanted ? [] : [node === STATE ? node : memoryOf(node)])),
    ),
  );
const readsOf = (drafts: readonly Draft[]) => valuesOf(drafts, "read");
const writesOf = (drafts: readonly Draft[]) => valuesOf(drafts, "read_write");

const meet = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean => [...a].some((value) => b.has(value));

const shared = (a: Unit, b: Unit): number =>
  [...b.reads, ...b.writes].filter((value) => a.reads.has(value) || a.writes.has(value)).length;

type Edges = ReadonlyMap<Unit, ReadonlySet<Unit>>;

interface UnitGraph {
  readonly sources: Edges;
  readonly readers: Edges;
}

function graphOf(units: readonly Unit[]): UnitGraph {
  const writers = new Map<Value, Unit[]>();
  for (const unit of units) {
    for (const value of unit.writes) writers.set(value, [...(writers.get(value) ?? []), unit]);
  }
  const sources = new Map(units.map((unit) => [unit, new Set<Unit>()]));
  const readers = new Map(units.map((unit) => [unit, new Set<Unit>()]));
  for (const unit of units) {
    for (const source of [...unit.reads].flatMap((value) => writers.get(value) ?? [])) {
      if (source === unit) continue;
      sources.get(unit)!.add(source);
      readers.get(source)!.add(unit);
    }
  }
  return { sources, readers };
}

function reached(from: readonly Unit[], edges: Edges): Set<Unit> {
  const seen = new Set<Unit>();
  const waiting = [...from];
  for (let unit = waiting.pop(); unit; unit = waiting.pop()) {
    if (seen.has(unit)) continue;
    seen.add(unit);
    waiting.push(...edges.get(unit)!);
  }
  return seen;
}

/** Whether a reader of `from` other than `to` leads to `to`: then the two cannot be one launch. */
const leadsAround = (from: Unit, to: Unit, readers: Edges): boolean =>
  reached(
    [...readers.get(from)!].filter((reader) => reader !== to),
    readers,
  ).has(to);

/** Each after those that it reads from, else by where their last drafts were. */
function inOrder(units: readonly Unit[]): Unit[] {
  const { sources } = graphOf(units);
  const order = new Set<Unit>();
  const visit = (unit: Unit): void => {
    if (order.has(unit)) return;
    for (const source of [...sources.get(unit)!].sort((a, b) => a.at - b.at)) visit(source);
    order.add(unit);
  };
  for (const unit of [...units].sort((a, b) => a.at - b.at)) visit(unit);
  return [...order];
}
