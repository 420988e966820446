/** Probabilities of pixels that are always black or white are taken this far from 0 and 1. */
const LEAST = 1e-6;

/**
 * The loss of always drawing the mean of some pictures, in nats a picture: what a model has to beat. The cross-entropy is linear in a
 * pixel's value, so the mean of it is that of the mean, and takes two logarithms a pixel however many pictures there are.
 *
 * @param x [count, size], in 0..1
 */
export function meanPictureLoss(x: Float32Array, size: number): number {
  const count = x.length / size;
  let total = 0;
  for (let k = 0; k < size; k++) {
    let sum = 0;
    for (let at = k; at < x.length; at += size) sum += x[at];
    const mean = sum / count;
    const p = Math.min(1 - LEAST, Math.max(LEAST, mean));
    total -= mean * Math.log(p) + (1 - mean) * Math.log(1 - p);
  }
  return total;
}
