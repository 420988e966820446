import { type Bench, type BenchCase, type Prepared, planCase, randomFeeds } from "../bench/case.ts";
import { compile } from "../compiler/compile.ts";
import { ReparamError } from "../errors.ts";
import type { Encode } from "../gpu/commands.ts";
import { type Device, withChoices } from "../gpu/device.ts";
import { createPipelineCache } from "../gpu/pipelines.ts";
import { interpret } from "../graph/interpret.ts";
import { productChoices } from "../kernels/candidates.ts";
import { defaultChoice, type ProductChoice, printChoice } from "../kernels/choice.ts";
import type { Plan } from "../plan/plan.ts";
import { execute } from "../runtime/execute.ts";
import { type Clock, openClock, repeatsFor } from "../timing/clock.ts";
import type { Patience } from "../timing/patience.ts";
import type { Spread } from "../timing/statistics.ts";
import { type Contender, contest } from "./contest.ts";
import type { Subject } from "./products.ts";

export interface TuneOptions {
  /** Timings of a candidate at the most, in turns with the others; 15 by default. */
  readonly rounds?: number;
  /** Every variant in every workgroup and number of slices, through all rounds. */
  readonly exhaustive?: boolean;
  /** Told what goes on, a line at a time. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** One candidate: `subgroup 8`, or with slices `subgroup 8 / 4`. */
export interface TunedCandidate {
  readonly choice: string;
  /** Seconds of a launch; missing where it was wrong or did not build. */
  readonly time?: Spread;
  /** Timings behind `time`. */
  readonly rounds: number;
  /** It was compiled twice, since it seemed slower: software adapters make slow pipelines now and then. */
  readonly renewed: boolean;
  /** Why it was not timed. */
  readonly problem?: string;
}

/** What was found for a class of products. */
export interface TunedProduct {
  readonly class: string;
  /** The product that was timed. */
  readonly name: string;
  /** What would have been chosen without this measurement, and whose choice that is: shipped, or the default. */
  readonly before: string;
  readonly source: string;
  readonly choice: string;
  /** How many times quicker the choice is, compared round by round; 1 where it is what it was. */
  readonly gain: number;
  readonly candidates: readonly TunedCandidate[];
}

/** Beyond this many multiply-adds the float64 reference takes seconds, and the `general` kernel stands in for it. */
const MAX_REFERENCE = 2 ** 31;

/** Two f32 results may differ by the rounding of both. */
const GENERAL_TOLERANCE = 3e-5;

/**
 * Finds the quickest choice for each product. Every candidate is compared with the reference first; one that is wrong,
 * or does not build, is out. Throws ReparamError "device" where the device is lost or a launch does not end, and
 * "aborted" when `signal` aborts.
 */
export async function tuneProducts(
  device: Device,
  patience: Patience,
  subjects: readonly Subject[],
  { rounds = 15, exhaustive = false, onProgress = () => {}, signal }: TuneOptions = {},
): Promise<{ clock: Clock["kind"]; products: TunedProduct[] }> {
  // What was measured before has no say.
  const fresh = withChoices(device, []);
  const products: TunedProduct[] = [];
  let clock: Clock | undefined;
  try {
    for (const [k, subject] of subjects.entries()) {
      onProgress(`${subject.class} (${k + 1} of ${subjects.length})`);
      products.push(await tuneProduct(subject));
    }
    return { clock: clock?.kind ?? "wall clock", products };
  } finally {
    // Freeing what a hung GPU still uses could wait for it for ever.
    if (!patience.hung) clock?.dispose();
  }

  async function tuneProduct(subject: Subject): Promise<TunedProduct> {
    const choices = productChoices({ ...subject.product, profile: fresh.profile }, { exhaustive });
    const expected = await referenceOf(fresh, subject);
    const trials: Trial[] = [];
    try {
      for (const choice of choices) {
        stopIfAborted(signal);
        trials.push(await openTrial(subject, choice, expected));
      }
      const ready = trials.filter(({ problem }) => !problem);
      if (ready.length > 0) clock ??= await openClock(device, patience, ready[0].contender.encode);
      for (const { contender } of ready) await contender.calibrate(clock!);
      const contenders = ready.map(({ contender }) => contender);
      const { winner, gain, standings } = await contest(contenders, { rounds, exhaustive });
      const [before] = trials;
      const chosen = ready[winner] ?? before;
      return {
        class: subject.class,
        name: subject.name,
        before: before.text,
        source: choices[0].source ?? "default",
        choice: chosen.text,
        // Where what one had is wrong, there is nothing to compare with.
        gain: before.problem ? 1 : gain,
        candidates: trials.map((trial): TunedCandidate => {
          const standing = standings[ready.indexOf(trial)];
          if (!standing) return { choice: trial.text, rounds: 0, renewed: false, problem: trial.problem };
          return { choice: trial.text, ...standing };
        }),
      };
    } finally {
      if (!patience.hung) for (const { contender } of trials) contender.dispose();
    }
  }

  async function openTrial(subject: Subject, choice: ProductChoice, expected: Reference): Promise<Trial> {
    const benchCase = caseOf(subject, choice, expected);
    // A cache of its own each time, so that it is compiled each time.
    const prepare = () =>
      benchCase.prepare({ device: fresh, patience, pipelines: createPipelineCache(fresh) } as Bench);
    let prepared: Prepared | undefined;
    let repeats = 1;
    let problem: string | undefined;
    try {
      prepared = await prepare();
      problem = prepared.verdict.problem;
    } catch (error) {
      if (!(error instanceof ReparamError && error.code === "compile")) throw error;
      problem = error.message;
    }
    return {
      text: printChoice(choice),
      problem,
      contender: {
        encode: (commands) => prepared!.encode(commands),
        calibrate: async (clock) => {
          repeats = await repeatsFor(clock, prepared!.encode);
        },
        time: async () => {
          stopIfAborted(signal);
          return (await clock!.time(prepared!.encode, repeats)) / repeats;
        },
        renew: async () => {
          prepared!.dispose();
          prepared = await prepare();
        },
        dispose: () => prepared?.dispose(),
      },
    };
  }
}

/** A candidate on the device, checked. */
interface Trial {
  readonly text: string;
  /** Why it is not timed. */
  readonly problem?: string;
  readonly contender: Contender & {
    readonly encode: Encode;
    calibrate(clock: Clock): Promise<void>;
    dispose(): void;
  };
}

interface Reference {
  readonly values: ArrayLike<number>;
  readonly tolerance?: number;
}

/** What has to come out, in float64 where that takes no more than seconds. */
async function referenceOf(device: Device, { graph, product, name, work }: Subject): Promise<Reference> {
  const feeds = randomFeeds(graph);
  if (work <= MAX_REFERENCE) return { values: interpret(graph, { feeds }).C };
  const entries = { [name]: printChoice(defaultChoice(product, "general")) };
  const { C } = await execute(withChoices(device, [{ source: "candidate", entries }]), graph, { feeds });
  return { values: C, tolerance: GENERAL_TOLERANCE };
}

function caseOf({ graph, name }: Subject, choice: ProductChoice, { values, tolerance }: Reference): BenchCase {
  const text = printChoice(choice);
  return planCase({
    kernel: "tune",
    variant: text,
    shape: name,
    tolerance,
    plan: ({ profile }): Plan =>
      compile(graph, {
        profile: { ...profile, choices: [{ source: "candidate", entries: { [name]: text } }] },
        leaves: (node) => ({ buffer: { external: node.name! }, offset: 0 }),
      }),
    buffers: () => randomFeeds(graph),
    expected: () => ({ C: values }),
  });
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ReparamError("aborted", "Tuning was interrupted.");
}
