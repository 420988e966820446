// The one training problem every contestant solves: the VAE of pytorch/examples, its weights and its images.

export const PIXELS = 784;
export const HIDDEN = 400;
export const LATENT = 20;
export const BATCH_SIZE = 128;
export const IMAGES = 10_000;
export const LEARNING_RATE = 1e-3;

/** Weight matrices are [in, out]; the first LATENT columns of encoder.out are the mean, the next the log-variance. */
export const SHAPES = {
  "encoder.0.weight": [PIXELS, HIDDEN],
  "encoder.0.bias": [HIDDEN],
  "encoder.out.weight": [HIDDEN, 2 * LATENT],
  "encoder.out.bias": [2 * LATENT],
  "decoder.0.weight": [LATENT, HIDDEN],
  "decoder.0.bias": [HIDDEN],
  "decoder.out.weight": [HIDDEN, PIXELS],
  "decoder.out.bias": [PIXELS],
} as const;

export type ParameterName = keyof typeof SHAPES;
export type Weights = Record<ParameterName, Float32Array>;
export const PARAMETERS = Object.keys(SHAPES) as ParameterName[];

/** mulberry32: uniform numbers in [0, 1), the same in every page. */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** PyTorch's default: weights and biases from U(±1/√fan_in). */
export function initialWeights(seed = 1): Weights {
  const uniform = uniforms(seed);
  let fanIn = 0;
  const entries = PARAMETERS.map((name) => {
    const shape = SHAPES[name];
    if (shape.length === 2) fanIn = shape[0]; // a bias follows its weight and shares its fan-in
    const bound = 1 / Math.sqrt(fanIn);
    const size = shape.reduce((product, extent) => product * extent, 1);
    return [name, Float32Array.from({ length: size }, () => (2 * uniform() - 1) * bound)];
  });
  return Object.fromEntries(entries);
}

/**
 * IMAGES grey 28x28 images as bytes, [IMAGES, PIXELS]: a bent soft stroke each. All strokes are equally long, so that the
 * losses of two random batches differ little and contestants can be compared on batches of their own.
 */
export function strokeImages(seed = 2): Uint8Array {
  const uniform = uniforms(seed);
  const images = new Uint8Array(IMAGES * PIXELS);
  for (let image = 0; image < IMAGES; image++) {
    const corner = [9.5 + 8 * uniform(), 9.5 + 8 * uniform()];
    const direction = 2 * Math.PI * uniform();
    const bend = Math.PI * (0.4 + 1.2 * uniform());
    const tips = [direction, direction + bend].map((angle) => [
      corner[0] + 8 * Math.cos(angle),
      corner[1] + 8 * Math.sin(angle),
    ]);
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const point = [pixel % 28, Math.floor(pixel / 28)];
      const distance = Math.min(distanceToSegment(point, corner, tips[0]), distanceToSegment(point, corner, tips[1]));
      images[image * PIXELS + pixel] = 255 * Math.min(1, Math.max(0, 2 - distance));
    }
  }
  return images;
}

/** From a point to the segment between two others, all [x, y]. */
function distanceToSegment(point: number[], from: number[], to: number[]): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const along = ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / (dx * dx + dy * dy);
  const nearest = Math.min(1, Math.max(0, along));
  return Math.hypot(point[0] - from[0] - nearest * dx, point[1] - from[1] - nearest * dy);
}

/** The images as most engines want them: float32 in [0, 1]. */
export function asFloats(images: Uint8Array): Float32Array {
  return Float32Array.from(images, (byte) => byte / 255);
}
