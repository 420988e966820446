import type { PenPath } from "./pen-path.ts";
import type { Random } from "./random.ts";

/** Pixels over which the edge of the ink fades. */
const EDGE = 1.25;
/** The most by which a pixel's share of ink at the edge may vary, from one end of its range to the other. */
const RAGGEDNESS = 0.6;

/**
 * Paints the way of a pen into a square grey image of bytes (0 paper, 255 ink), from `offset` on in `images`.
 *
 * Each piece of the way is a capsule whose radius runs linearly from one end to the other. `outside` (`[size, size]`,
 * scratch) keeps for every pixel the least signed distance to any of them, so pieces join without seams; then the
 * distance becomes grey along a smooth edge, which paper and scanner leave more or less ragged.
 */
export function paint(
  path: PenPath,
  random: Random,
  outside: Float32Array,
  images: Uint8Array,
  offset: number,
  size: number,
): void {
  outside.fill(EDGE);
  const { count, x, y, radius, starts } = path;
  for (let i = 1; i < count; i++) {
    if (starts[i] === 1) continue;
    const ax = x[i - 1] - 0.5;
    const ay = y[i - 1] - 0.5;
    const dx = x[i] - x[i - 1];
    const dy = y[i] - y[i - 1];
    const ra = radius[i - 1];
    const dr = radius[i] - ra;
    const perLength = 1 / (dx * dx + dy * dy + 1e-12);
    const reach = Math.max(ra, radius[i]) + EDGE / 2;
    const left = Math.max(0, Math.ceil(Math.min(ax, ax + dx) - reach));
    const right = Math.min(size - 1, Math.floor(Math.max(ax, ax + dx) + reach));
    const top = Math.max(0, Math.ceil(Math.min(ay, ay + dy) - reach));
    const bottom = Math.min(size - 1, Math.floor(Math.max(ay, ay + dy) + reach));
    for (let row = top; row <= bottom; row++) {
      const qy = row - ay;
      for (let column = left; column <= right; column++) {
        const qx = column - ax;
        let t = (qx * dx + qy * dy) * perLength;
        t = Math.max(0, Math.min(1, t));
        const ex = qx - t * dx;
        const ey = qy - t * dy;
        const distance = Math.sqrt(ex * ex + ey * ey) - ra - t * dr;
        const pixel = row * size + column;
        if (distance < outside[pixel]) outside[pixel] = distance;
      }
    }
  }
  const raggedness = RAGGEDNESS * random.uniform();
  for (let pixel = 0; pixel < size * size; pixel++) {
    if (outside[pixel] >= EDGE / 2) continue;
    let coverage = 0.5 - outside[pixel] / EDGE;
    if (coverage < 1.2) coverage += raggedness * (random.uniform() - 0.5);
    if (coverage <= 0) continue;
    const grey = coverage >= 1 ? 1 : coverage * coverage * (3 - 2 * coverage);
    images[offset + pixel] = Math.floor(255 * grey + 0.5);
  }
}
