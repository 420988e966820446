import { drawFor, type Initializer } from "../nn/initializers.ts";
import { type Parameter, trained } from "../nn/parameter.ts";
import type { Pass } from "../nn/pass.ts";
import { type Node, type Shape, sizeOf } from "../node/node.ts";
import { add, div, floor, greater, mul, sub } from "../ops/arithmetic.ts";
import { gather, scatterAdd } from "../ops/indexing.ts";
import { parameter } from "../ops/leaf.ts";
import { uniform } from "../ops/noise.ts";
import { mean, sum } from "../ops/reduce.ts";
import { reshape } from "../ops/shape.ts";

/** What places of a batch chose. */
export interface Choices {
  /** [places, width]: what the encoder gave there. */
  readonly z: Node;
  /** [places]: the code that is nearest. */
  readonly ids: Node;
  /** [places]: 1, or 0 where a place does not count; those come last. */
  readonly weight: Node;
  /** [count]: how many places chose each code. */
  readonly counts: Node;
}

/** The codes that places of an example are rounded to, and how they learn. */
export interface Codebook {
  readonly parameters: readonly Parameter[];
  /** [count, width] */
  readonly codes: Node;
  /** The loss pulls the codes to the places that chose them; else they are statistics of those. */
  readonly byGradient: boolean;
  /** How many codes are chosen less than a hundredth as often as the mean of all: []. */
  readonly dead: Node;
  /** Says what statistics become with the batch. */
  follow(choices: Choices, pass: Pass): void;
}

interface CodebookOptions {
  readonly count: number;
  readonly width: number;
}

/** Of a moving average, what each step leaves of it. */
const DECAY = 0.99;
/** Keeps a code that nothing chose from being divided by 0. */
const EPSILON = 1e-5;
const DEAD_SHARE = 0.01;

const blended = (average: Node, now: Node): Node => add(mul(DECAY, average), mul(1 - DECAY, now));

/** 1 for each code that is chosen too seldom. */
const isDead = (usage: Node): Node => greater(mul(DEAD_SHARE, mean(usage)), usage);

const statistic = (name: string, shape: Shape, initialize: Parameter["initialize"]): Parameter => ({
  name,
  shape,
  node: parameter(name, shape),
  trained: false,
  initialize,
});

/** A moving average of how many places choose each code in a step. */
const usageOf = (count: number) => statistic("codebook.usage", [count], () => new Float32Array(count).fill(1));

/** Codes begin near 0, so that at first their directions decide: U(±1 / count). */
const firstCodes: Initializer = (draw) =>
  Float32Array.from({ length: sizeOf(draw.shape) }, (_, k) => (2 * draw.uniform(k) - 1) / draw.shape[0]);

/** Codes as the means of what chose them: the moving averages of its sum and its count, the latter smoothed. */
export function averagedCodes(total: Node, usage: Node): Node {
  const [count] = usage.shape;
  const all = sum(usage);
  const smoothed = mul(div(add(usage, EPSILON), add(all, count * EPSILON)), all);
  return div(total, reshape(smoothed, [count, 1]));
}

const fans = ({ count, width }: CodebookOptions) => ({ fanIn: count, fanOut: width });

function byAverage({ count, width }: CodebookOptions, restart: boolean): Codebook {
  const shape = [count, width];
  const usage = usageOf(count);
  const total = statistic("codebook.total", shape, (seed) =>
    firstCodes(drawFor("codebook.total", seed, { shape, ...fans({ count, width }) })),
  );
  return {
    parameters: [usage, total],
    codes: averagedCodes(total.node, usage.node),
    byGradient: false,
    dead: sum(isDead(usage.node)),
    follow: ({ z, ids, weight, counts }, pass) => {
      const places = weight.shape[0];
      const sums = scatterAdd(mul(z, reshape(weight, [places, 1])), ids, count);
      const nextUsage = blended(usage.node, counts);
      const share = mean(nextUsage);
      const dead = isDead(nextUsage);
      // A place of the batch for each code, which takes it if it is dead.
      const place = floor(mul(uniform(pass.noise("restart"), [count]), sum(weight)));
      const either = (dead: Node, ifSo: Node, ifNot: Node) => add(mul(dead, ifSo), mul(sub(1, dead), ifNot));
      pass.update(usage, () => (restart ? either(dead, share, nextUsage) : nextUsage));
      pass.update(total, (total) => {
        const next = blended(total, sums);
        return restart ? either(reshape(dead, [count, 1]), mul(share, gather(z, place)), next) : next;
      });
    },
  };
}

/**
 * How codes learn (van den Oord et al. 2017). `gradient`: the loss pulls them. `movingAverage`: each is the mean of what chose
 * it of late. `restarted`: the same, and a dead code becomes what the encoder gave at some place of the batch.
 */
export const codebooks = {
  restarted: (options) => byAverage(options, true),
  movingAverage: (options) => byAverage(options, false),
  gradient: ({ count, width }) => {
    const usage = usageOf(count);
    const codes = trained("codebook.codes", [count, width], firstCodes, fans({ count, width }));
    return {
      parameters: [codes, usage],
      codes: codes.node,
      byGradient: true,
      dead: sum(isDead(usage.node)),
      follow: ({ counts }, pass) => pass.update(usage, (usage) => blended(usage, counts)),
    };
  },
} as const satisfies Record<string, (options: CodebookOptions) => Codebook>;
