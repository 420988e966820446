import { ReparamError } from "../errors.ts";

// Anomalies are told from what is normal by a score, which is large for what is not normal. As in TensorFlow's tutorial the
// positives are the normal examples: precision is the share of normal ones among those that are taken for normal.

/** How well scores tell normal examples from others at one threshold. */
export interface Detection {
  /** What scores less is taken for normal. */
  readonly threshold: number;
  /** Share of the examples that are taken for what they are. */
  readonly accuracy: number;
  /** Share of normal examples among those that are taken for normal; NaN where none is. */
  readonly precision: number;
  /** Share of those taken for normal among the normal examples; NaN where there are none. */
  readonly recall: number;
}

/**
 * A threshold by the scores of normal examples: their mean, and so many of their standard deviations above it.
 * Throws ReparamError "data" where there are none, or one is not finite.
 */
export function anomalyThreshold(scores: ArrayLike<number>, deviations = 1): number {
  checkScores(scores);
  let sum = 0;
  for (let k = 0; k < scores.length; k++) sum += scores[k];
  const mean = sum / scores.length;
  let squares = 0;
  for (let k = 0; k < scores.length; k++) squares += (scores[k] - mean) ** 2;
  return mean + deviations * Math.sqrt(squares / scores.length);
}

/** isNormal: of each score, whether its example is normal. Throws ReparamError "data" as `anomalyThreshold`. */
export function detection(scores: ArrayLike<number>, isNormal: readonly boolean[], threshold: number): Detection {
  checkScores(scores, isNormal);
  let [right, taken, normal, both] = [0, 0, 0, 0];
  isNormal.forEach((is, k) => {
    const takes = scores[k] < threshold;
    right += Number(takes === is);
    taken += Number(takes);
    normal += Number(is);
    both += Number(takes && is);
  });
  return { threshold, accuracy: right / scores.length, precision: both / taken, recall: both / normal };
}

/** The receiver operating characteristic: what each threshold gains and costs. */
export interface Roc {
  /** Of each threshold, from −∞ on: the share of anomalies, and of normal examples, that score less or as much. */
  readonly points: readonly (readonly [falsePositiveRate: number, truePositiveRate: number])[];
  /** Area under it: how often an anomaly scores more than a normal example; equal scores are half of one. */
  readonly area: number;
}

/** Throws ReparamError "data" as `detection`, and where all examples are normal or none is. */
export function roc(scores: ArrayLike<number>, isNormal: readonly boolean[]): Roc {
  checkScores(scores, isNormal);
  const normal = isNormal.filter((is) => is).length;
  const others = isNormal.length - normal;
  if (normal === 0 || others === 0) {
    throw new ReparamError("data", `A ROC needs normal examples and others, and these are ${normal} and ${others}.`);
  }
  const order = isNormal.map((_, k) => k).sort((a, b) => scores[a] - scores[b]);
  const points: [number, number][] = [[0, 0]];
  let area = 0;
  let [found, mistaken] = [0, 0];
  order.forEach((k, at) => {
    if (isNormal[k]) found++;
    else mistaken++;
    if (at + 1 < order.length && scores[order[at + 1]] === scores[k]) return;
    const [x, y] = points[points.length - 1];
    const point = [mistaken / others, found / normal] as const;
    area += ((point[0] - x) * (point[1] + y)) / 2;
    points.push([...point]);
  });
  return { points, area };
}

function checkScores(scores: ArrayLike<number>, isNormal?: readonly boolean[]): void {
  if (scores.length === 0) throw new ReparamError("data", "There are no scores.");
  if (isNormal && isNormal.length !== scores.length) {
    throw new ReparamError("data", `${scores.length} scores are not of ${isNormal.length} examples.`);
  }
  for (let k = 0; k < scores.length; k++) {
    if (!Number.isFinite(scores[k])) {
      throw new ReparamError("data", `Score ${k} is ${scores[k]}, and has to be finite.`);
    }
  }
}
