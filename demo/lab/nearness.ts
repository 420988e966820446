const NEIGHBOUR = 5;
/** Codes that are compared to find out how crowded they are. */
const MOST_COMPARED = 6e6;

const squareDistance = (a: Float32Array, b: Float32Array, at: number): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[at + k]) ** 2;
  return sum;
};

/** The rows of `rows` that are nearest to one, the nearest first. */
export function nearestRows(one: Float32Array, rows: Float32Array, count: number, except = -1): number[] {
  const total = rows.length / one.length;
  const best: { row: number; distance: number }[] = [];
  for (let row = 0; row < total; row++) {
    if (row === except) continue;
    const distance = squareDistance(one, rows, row * one.length);
    if (best.length === count && distance >= best[count - 1].distance) continue;
    const at = best.findIndex((other) => distance < other.distance);
    best.splice(at < 0 ? best.length : at, 0, { row, distance });
    if (best.length > count) best.pop();
  }
  return best.map(({ row }) => row);
}

/** The distance to the fifth nearest of codes. */
function fifthDistance(one: Float32Array, codes: Float32Array, except = -1): number {
  const rows = nearestRows(one, codes, NEIGHBOUR, except);
  if (rows.length === 0) return Number.POSITIVE_INFINITY;
  return Math.sqrt(squareDistance(one, codes, rows[rows.length - 1] * one.length));
}

/** Distances of held-out codes to their own fifth nearest, ascending: what "is there data here?" is measured by. */
export function crowding(codes: Float32Array, latent: number, samples = 150): Float32Array {
  const count = codes.length / latent;
  // Each looks at all codes: of very many codes, fewer do.
  const wanted = Math.max(30, Math.min(samples, Math.floor(MOST_COMPARED / Math.max(1, count))));
  const stride = Math.max(1, Math.floor(count / wanted));
  const distances: number[] = [];
  for (let row = 0; row < count; row += stride) {
    distances.push(fifthDistance(codes.slice(row * latent, (row + 1) * latent), codes, row));
  }
  return Float32Array.from(distances).sort();
}

/** The share of held-out codes that lie in a thinner place than this one. */
export function dataRank(one: Float32Array, codes: Float32Array, distances: Float32Array): number {
  const own = fifthDistance(one, codes);
  const farther = distances.length - distances.findIndex((distance) => distance > own);
  return distances.some((distance) => distance > own) ? farther / distances.length : 0;
}

/** A rank in words. */
export const rankWords = (rank: number): string =>
  rank > 0.5 ? "Yes, plenty" : rank > 0.1 ? "Some" : rank > 0.02 ? "Few nearby" : "Nothing like it";

/** The label that most of some rows have. */
export function majority(rows: readonly number[], labels: ArrayLike<number>): number | undefined {
  const votes = new Map<number, number>();
  for (const row of rows) votes.set(labels[row], (votes.get(labels[row]) ?? 0) + 1);
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** The mean code of each class: [classes][latent]; undefined for one without examples. */
export function classMeans(codes: Float32Array, labels: ArrayLike<number>, latent: number, classes: number) {
  const sums = Array.from({ length: classes }, () => ({ count: 0, sum: new Float32Array(latent) }));
  for (let row = 0; row < codes.length / latent; row++) {
    const own = sums[labels[row]];
    if (!own) continue;
    own.count++;
    for (let k = 0; k < latent; k++) own.sum[k] += codes[row * latent + k];
  }
  return sums.map(({ count, sum }) => (count > 0 ? sum.map((value) => value / count) : undefined));
}
