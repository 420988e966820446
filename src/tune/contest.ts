import { quantile, type Spread, spreadOf } from "../timing/statistics.ts";

/** One way to compute something, as the contest sees it. */
export interface Contender {
  /** Seconds of one launch, as one timing tells. */
  time(): Promise<number>;
  /** Compiles it once more: what is timed after that is another pipeline of the same text. */
  renew(): Promise<void>;
}

export interface ContestOptions {
  readonly rounds: number;
  /** Every contender runs through all rounds, however slow. */
  readonly exhaustive?: boolean;
}

export interface Standing {
  /** Seconds a launch; of the quicker pipeline, where there were two. */
  readonly time: Spread;
  /** Rounds of that pipeline. */
  readonly rounds: number;
  /** Whether it was compiled again. */
  readonly renewed: boolean;
}

export interface Outcome {
  /** Index of the winner; -1 where nobody ran. */
  readonly winner: number;
  /** How many times quicker it is than the first. */
  readonly gain: number;
  readonly standings: readonly Standing[];
}

/** Before this many rounds nobody is out. */
const FIRST_JUDGEMENT = 3;

/** One pipeline in fifteen is 15 to 50 % slow on SwiftShader for as long as it lives: such a loser gets another. */
const UNLUCKY = 1.7;

/** The first contender keeps its place unless another is quicker by this part, and is so in this part of the rounds. */
const GAIN = 0.03;
const SURE = 0.8;

interface Pipeline {
  /** By number of the round, so that contenders are compared where both were timed. */
  readonly samples: Map<number, number>;
}

interface Runner {
  readonly contender: Contender;
  readonly pipelines: Pipeline[];
  out: boolean;
}

/**
 * Times contenders in turns, drops those that are clearly slower, and names the quickest; the first of them, which is
 * what one has, keeps its place where the difference may be noise.
 */
export async function contest(
  contenders: readonly Contender[],
  { rounds, exhaustive = false }: ContestOptions,
): Promise<Outcome> {
  if (contenders.length === 0) return { winner: -1, gain: 1, standings: [] };
  const runners = contenders.map(
    (contender): Runner => ({ contender, pipelines: [{ samples: new Map() }], out: false }),
  );
  const running = () => runners.filter(({ out }) => !out);
  let last = rounds;
  for (let round = 0; round < last; round++) {
    for (const { contender, pipelines } of running()) pipelines.at(-1)!.samples.set(round, await contender.time());
    const best = quickest(running());
    for (const runner of running()) {
      if (runner === best || !isClearlySlower(runner, best)) continue;
      const unlucky = runner.pipelines.length === 1 && medianOf(runner) < UNLUCKY * medianOf(best);
      if (unlucky) {
        await runner.contender.renew();
        runner.pipelines.push({ samples: new Map() });
        last = Math.max(last, round + 1 + FIRST_JUDGEMENT);
      } else if (!exhaustive) runner.out = true;
    }
    if (running().length <= 1) break;
  }
  const [first] = runners;
  const winner = quickest(runners.filter((runner) => runner === first || isSurelyQuicker(runner, first)));
  return {
    winner: runners.indexOf(winner),
    gain: 1 / quantile(ratiosOf(winner, first), 0.5),
    standings: runners.map(standingOf),
  };
}

const valuesOf = ({ samples }: Pipeline): number[] => [...samples.values()];

/** The quicker pipeline of a runner; one that was hardly timed yet is not judged. */
function pipelineOf({ pipelines }: Runner): Pipeline {
  const [first, second] = pipelines;
  if (!second || second.samples.size < FIRST_JUDGEMENT) return first;
  return quantile(valuesOf(second), 0.5) < quantile(valuesOf(first), 0.5) ? second : first;
}

const medianOf = (runner: Runner): number => quantile(valuesOf(pipelineOf(runner)), 0.5);

const quickest = (runners: readonly Runner[]): Runner =>
  runners.reduce((best, runner) => (medianOf(runner) < medianOf(best) ? runner : best));

/** Whether the ranges of the two, a tenth cut off at each end, are apart. */
function isClearlySlower(runner: Runner, best: Runner): boolean {
  const pipeline = runner.pipelines.at(-1)!;
  if (pipeline.samples.size < FIRST_JUDGEMENT) return false;
  return quantile(valuesOf(pipeline), 0.1) > quantile(valuesOf(pipelineOf(best)), 0.9);
}

/** A runner's times by another's, round by round: a slow spell of the machine falls on both. */
function ratiosOf(runner: Runner, other: Runner): number[] {
  const [mine, its] = [pipelineOf(runner).samples, pipelineOf(other).samples];
  const shared = [...mine.keys()].filter((round) => its.has(round));
  if (shared.length >= FIRST_JUDGEMENT) return shared.map((round) => mine.get(round)! / its.get(round)!);
  // Where a pipeline was replaced there may be no round that both ran in: every time by every other then.
  return [...mine.values()].flatMap((one) => [...its.values()].map((two) => one / two));
}

function isSurelyQuicker(challenger: Runner, first: Runner): boolean {
  const ratios = ratiosOf(challenger, first);
  return quantile(ratios, 0.5) < 1 - GAIN && ratios.filter((ratio) => ratio < 1).length >= SURE * ratios.length;
}

const standingOf = (runner: Runner): Standing => ({
  time: spreadOf(valuesOf(pipelineOf(runner))),
  rounds: pipelineOf(runner).samples.size,
  renewed: runner.pipelines.length > 1,
});
