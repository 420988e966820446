// The images that every model trains on.
import { uniforms } from "./random.ts";

export const IMAGES = 10_000;
export const PIXELS = 784;

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
