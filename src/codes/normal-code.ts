/**
 * Writes mean + L · noise to `codes` from `at` on.
 *
 * @param mean [latent]
 * @param factor the diagonal of L, [latent], or the whole lower triangular matrix, row-major [latent · latent]
 * @param normal standard normal numbers; those from `at` on are taken
 */
export function drawNormalCode(
  codes: Float32Array,
  at: number,
  mean: Float64Array,
  factor: Float64Array,
  normal: (index: number) => number,
): void {
  const latent = mean.length;
  for (let i = 0; i < latent; i++) {
    let value = mean[i];
    if (factor.length === latent) value += factor[i] * normal(at + i);
    else for (let j = 0; j <= i; j++) value += factor[i * latent + j] * normal(at + j);
    codes[at + i] = value;
  }
}
