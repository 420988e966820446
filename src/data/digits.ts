import { ReparamError } from "../errors.ts";
import { type Dataset, labels, pixels, type Split } from "./dataset.ts";
import { createControlPoints, placeControlPoints } from "./digits/control-points.ts";
import { paint } from "./digits/ink.ts";
import { createPenPath, fitToFrame, pressPen, tracePath } from "./digits/pen-path.ts";
import { createRandom } from "./digits/random.ts";
import { type DigitStyles, parseDigitStyles } from "./digits/skeletons.ts";
import { atOnce, inSlices, type SliceOptions, type Slices } from "./slices.ts";

const SIZE = 28;
const PIXELS = SIZE * SIZE;
/** Images where nobody says how many. */
export const DIGITS = { train: 60_000, test: 10_000 } as const;
const MAX_COUNT = 1_000_000;
/** Images of a slice: some milliseconds, and not many more before the engine has compiled what draws them. */
const SLICE = 32;

/** What an image of `digits` has. */
export const digitFields = (): Dataset["fields"] => ({ x: pixels([SIZE, SIZE, 1]), label: labels(10) });

export interface DigitsOptions {
  /** An integer from 0 to 2^53 - 1; 0 unless given. Another seed gives other images. */
  readonly seed?: number;
  /** Training images, 60,000 unless given. */
  readonly trainCount?: number;
  /** Test images, 10,000 unless given. */
  readonly testCount?: number;
}

/**
 * The built-in data set: handwritten-looking digits, `[28, 28, 1]`, light ink on dark paper like MNIST, with their
 * labels 0 to 9. They are written here by a simulated hand, so no file and no network is needed.
 *
 * An image depends only on the seed, its split and its index, so a smaller set is the beginning of a larger one. Every
 * ten labels in a row are the ten digits in random order. Only integer arithmetic, `+ - * /` and square roots are used,
 * which IEEE 754 fixes to the last bit: all JavaScript engines make the same bytes.
 *
 * @throws ReparamError "usage" for a seed or a count that is no integer in range.
 */
export function digits(options: DigitsOptions = {}): Dataset {
  return atOnce(write(checkOptions(options)));
}

/**
 * The same bytes as `digits`, which takes seconds for its 70,000 images, without keeping a page waiting: between slices
 * of 32 images it is answered, drawn and scrolled.
 *
 * @throws ReparamError "usage" as `digits`, "aborted" when `signal` aborts.
 */
export async function digitsInSlices(options: DigitsOptions & SliceOptions = {}): Promise<Dataset> {
  const checked = checkOptions(options);
  return inSlices("digits", write(checked), checked.trainCount + checked.testCount, options);
}

const checkOptions = (options: DigitsOptions): Required<DigitsOptions> => ({
  seed: checkInteger("seed", options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER),
  trainCount: checkInteger("trainCount", options.trainCount ?? DIGITS.train, 1, MAX_COUNT),
  testCount: checkInteger("testCount", options.testCount ?? DIGITS.test, 1, MAX_COUNT),
});

function* write({ seed, trainCount, testCount }: Required<DigitsOptions>): Slices<Dataset> {
  const styles = parseDigitStyles();
  return {
    name: "digits",
    fields: digitFields(),
    train: yield* writeSplit(styles, seed, 0, trainCount),
    test: yield* writeSplit(styles, seed, 1, testCount),
  };
}

function* writeSplit(styles: readonly DigitStyles[], seed: number, split: number, count: number): Slices<Split> {
  const examples = new Uint8Array(count * PIXELS);
  const classes = new Uint8Array(count);
  const random = createRandom();
  const points = createControlPoints(styles);
  const path = createPenPath(points.x.length);
  const outside = new Float32Array(PIXELS);
  const key = [seed % 4294967296, Math.floor(seed / 4294967296), split];
  const order = new Uint8Array(10);
  for (let index = 0; index < count; index++) {
    if (index % 10 === 0) {
      for (let i = 0; i < 10; i++) order[i] = i;
      random.restart([...key, 0, index]);
      for (let i = 9; i > 0; i--) {
        const j = Math.floor(random.uniform() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
    }
    const label = order[index % 10];
    random.restart([...key, 1, index]);
    placeControlPoints(points, styles[label], random);
    tracePath(points, random, path);
    pressPen(path, random);
    fitToFrame(path, SIZE);
    paint(path, random, outside, examples, index * PIXELS, SIZE);
    classes[index] = label;
    const written = (index % SLICE) + 1;
    if (written === SLICE || index === count - 1) yield written;
  }
  return { count, values: { x: examples, label: classes } };
}

function checkInteger(name: string, value: number, low: number, high: number): number {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return value;
  throw new ReparamError("usage", `digits: ${name} must be an integer from ${low} to ${high}, not ${value}.`);
}
