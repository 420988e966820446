import { uniform4, type Words4 } from "./philox.ts";

/**
 * Four standard normal numbers from four words, in float64: the reference of shaders/lib/gaussian.wgsl, which differs by
 * rounding only (about 1e-6). Box and Muller, "A note on the generation of random normal deviates", 1958.
 */
export function gaussian4(bits: Words4): [number, number, number, number] {
  const [u0, u1, u2, u3] = uniform4(bits);
  return [...boxMuller(u0, u1), ...boxMuller(u2, u3)];
}

function boxMuller(radiusUniform: number, turns: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(radiusUniform));
  const angle = 2 * Math.PI * turns;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
