import { ReparamError } from "../errors.ts";
import type { Words2 } from "../random/philox.ts";
import { checked, whole } from "../schema/constraints.ts";
import { siNumber } from "../units.ts";
import { type Dataset, labels, pixels, type Split } from "./dataset.ts";
import { drawnConstraints } from "./drawn-options.ts";
import { drawShapes } from "./shapes/draw.ts";
import { COMBINATIONS, drawFactors, FACTOR_COUNT, FACTORS, SHAPE_NAMES } from "./shapes/factors.ts";
import { posesOf } from "./shapes/pose.ts";

/** Images where nobody says how many: of 64x64 the training images fit one buffer of WebGPU's default limits. */
export const SHAPES = { train: 30_000, test: 5_000 } as const;
/** Height and width where nobody says them. */
const SIDE = 64;
/** The most bytes that an array has in every engine. */
const MOST_BYTES = 2 ** 32;

export interface ShapesOptions {
  /** An integer from 0 to 2^53 - 1; 0 unless given. Another seed gives other images, or the same in another order. */
  readonly seed?: number;
  /** Training images, 30,000 unless given. With the test images at most 737,280, which is all there are. */
  readonly trainCount?: number;
  /** Test images, 5,000 unless given. */
  readonly testCount?: number;
  /** Height and width in pixels: a multiple of 4 from 32 to 256, 64 unless given. */
  readonly size?: number;
}

/**
 * The built-in data set to learn factors from: an ellipse, a square or a heart, white on black, `[size, size, 1]`, in the
 * manner of dSprites (Matthey et al. 2017, https://github.com/google-deepmind/dsprites-dataset), and drawn here.
 *
 * `factors` [5] are the classes of what an image is made of: shape (3), scale (6, from a half to 1), rotation (40,
 * counter-clockwise in steps of 9 degrees), x (32, from the left) and y (32, from the top); `label` is the shape. Squares
 * look the same after a quarter turn, and ellipses after a half.
 *
 * The images are the first of all 737,280 in an order that the seed shuffles, and the test images the last, so no image is
 * in both, and a smaller set is the beginning of a larger one. All JavaScript engines make the same bytes.
 *
 * @throws ReparamError "config" for an option that is not what it has to be.
 */
export function shapes(options: ShapesOptions = {}): Dataset {
  const { size, train, test } = chooseFactors(options);
  const split = (factors: Uint8Array) => splitOf(factors, drawShapes(posesOf(factors, size), size));
  return shapesDataset(size, split(train), split(test));
}

/** What the images of both splits show: factors [count, 5]. */
export function chooseFactors({
  seed = 0,
  trainCount = SHAPES.train,
  testCount = SHAPES.test,
  size = SIDE,
}: ShapesOptions): { readonly size: number; readonly train: Uint8Array; readonly test: Uint8Array } {
  checked("shapes", "seed", seed, whole(0));
  checked("shapes", "trainCount", trainCount, whole(1, COMBINATIONS));
  checked("shapes", "testCount", testCount, whole(1, COMBINATIONS));
  if (trainCount + testCount > COMBINATIONS) {
    const counts = `trainCount ${trainCount} and testCount ${testCount}`;
    throw new ReparamError("config", `shapes: ${counts} are more than the ${COMBINATIONS} images that there are.`);
  }
  checked("shapes", "size", size, drawnConstraints.size);
  const bytes = size * size * Math.max(trainCount, testCount);
  if (bytes > MOST_BYTES) {
    const most = `${siNumber(bytes)}B in one array, which has at most ${siNumber(MOST_BYTES)}B`;
    throw new ReparamError("config", `shapes: these are ${most}: ask for fewer images, or smaller ones.`);
  }
  const words: Words2 = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
  return { size, train: drawFactors(words, "train", trainCount), test: drawFactors(words, "test", testCount) };
}

/** Examples from factors [count, 5] and images [count, size, size, 1]. */
export const splitOf = (factors: Uint8Array, images: Uint8Array): Split => ({
  count: factors.length / FACTOR_COUNT,
  values: { x: images, label: factors.filter((_, at) => at % FACTOR_COUNT === 0), factors },
});

/** What an image of `shapes` has. */
export const shapesFields = (size = SIDE): Dataset["fields"] => ({
  x: pixels([size, size, 1]),
  label: labels(FACTORS.shape, SHAPE_NAMES),
  factors: { kind: "vector", shape: [FACTOR_COUNT], store: "u8", names: Object.keys(FACTORS) },
});

/** The data set that splits of shapes are. */
export const shapesDataset = (size: number, train: Split, test: Split): Dataset => ({
  name: "shapes",
  fields: shapesFields(size),
  train,
  test,
});
