import { contentsOf, type Kernel, storedAs } from "./kernel.ts";
import { loadReflect } from "./reflect.ts";

interface Races {
  /** A race on workgroup memory or a barrier that not all invocations reach. */
  readonly problem?: string;
  readonly notes: readonly string[];
}

/** The interpreter is slow: so many accesses of one workgroup are looked at, which takes some three seconds. */
const ACCESSES = 100_000;
/** Accesses between two barriers are compared pair by pair. */
const ACCESSES_A_PHASE = 10_000;

/** Looks for missing barriers by interpreting the first workgroup with wgsl_reflect, an access at a time. */
export async function findRaces({ spec, reflected }: Kernel): Promise<Races> {
  const { detectRaces, MemoryTracker } = await loadReflect();
  const groups: Record<number, Record<number, unknown>> = {};
  const names = Object.keys(spec.buffers);
  for (const { name, group, binding, access } of reflected.bindings) {
    const contents = storedAs(spec.buffers[name].type, contentsOf(spec.buffers[name], names.indexOf(name)));
    groups[group] ??= {};
    groups[group][binding] = access === "uniform" ? { uniform: contents } : contents;
  }
  // wgsl_reflect has no limit of its own that would end in time, so its notebook of accesses is watched.
  const { record } = MemoryTracker.prototype;
  let accesses = 0;
  let phase = 0;
  const trackers = new Set<InstanceType<typeof MemoryTracker>>();
  class Enough extends Error {}
  MemoryTracker.prototype.record = function (...access) {
    trackers.add(this);
    record.apply(this, access);
    if (++phase >= ACCESSES_A_PHASE) {
      phase = 0;
      this.endPhase();
    }
    if (++accesses >= ACCESSES) throw new Enough();
  };
  const config = { constants: spec.constants ?? {} };
  try {
    const { races, errors } = detectRaces(spec.code, reflected.entryPoint, [1, 1, 1], groups, config);
    const divergence = errors.find((error) => error.startsWith("Barrier divergence"));
    if (divergence) return { problem: divergence, notes: [] };
    return judge(
      races,
      reflected.bindings.map(({ name }) => name),
    );
  } catch (error) {
    if (!(error instanceof Enough)) {
      return {
        notes: [`Not checked for missing barriers: the interpreter stopped at it (${(error as Error).message}).`],
      };
    }
    for (const tracker of trackers) tracker.endPhase();
    const races = [...trackers].flatMap((tracker) => tracker.races);
    const found = judge(
      races,
      reflected.bindings.map(({ name }) => name),
    );
    if (found.problem) return found;
    return {
      notes: [
        ...found.notes,
        `Checked for missing barriers only as far as the first ${ACCESSES} accesses to memory go.`,
      ],
    };
  } finally {
    MemoryTracker.prototype.record = record;
  }
}

type Access = { readonly invocation: number; readonly kind: string; readonly line: number };
type Race = { readonly bufferId: string; readonly byte: number; readonly a: Access; readonly b: Access };

/** On workgroup memory a race is a missing barrier; on a buffer it may be meant (equal values, for one). */
function judge(races: readonly Race[], buffers: readonly string[]): Races {
  const words = ({ bufferId, byte, a, b }: Race) =>
    `invocation ${a.invocation} (${a.kind}, line ${a.line}) and invocation ${b.invocation} (${b.kind}, line ${b.line}) ` +
    `meet at byte ${byte} of ${bufferId}`;
  const shared = races.find(({ bufferId }) => !buffers.includes(bufferId));
  if (shared)
    return { problem: `A workgroupBarrier() is missing: ${words(shared)} with nothing between them.`, notes: [] };
  const [race] = races;
  return { notes: race ? [`A race within a workgroup: ${words(race)}.`] : [] };
}
