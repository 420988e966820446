import { computed } from "@preact/signals";
import { posteriorKl } from "../../src/codes/posterior.ts";
import { activeUnits } from "../../src/metrics/active-units.ts";
import { uses } from "./model.ts";
import { codes, plane, posteriors } from "./state.ts";

/** What one number of a code says of the examples. */
export interface Telling {
  /** Its place in the code, from 0. */
  readonly number: number;
  /** Nats of KL, or the variance over the held-out examples where there are no posteriors. */
  readonly value: number;
  /** It says nothing: its code hardly varies from example to example. */
  readonly asleep: boolean;
}

/** The numbers of codes [rows, latent], the most telling first: by KL where there are posteriors, else by variance. */
export function tellingOf(codes: Float32Array, latent: number, posteriors?: Float32Array): Telling[] {
  const rows = codes.length / latent;
  const { active, variances } = activeUnits(codes, { rows });
  const byVariance = [...variances.keys()].sort((a, b) => variances[b] - variances[a]);
  const awake = new Set(byVariance.slice(0, active));
  const values = posteriors ? posteriorKl(posteriors, { rows, latent }) : variances;
  return values
    .map((value, number) => ({ number, value, asleep: !awake.has(number) }))
    .sort((a, b) => b.value - a.value);
}

export const telling = computed<readonly Telling[]>(() => {
  const { latent } = plane.value;
  if (!codes.value?.every(Number.isFinite)) return [];
  if (uses.value.includes("posterior") && !posteriors.value) return []; // they come a moment later
  if (posteriors.value?.every(Number.isFinite) === false) return []; // the run has gone astray
  return tellingOf(codes.value, latent, posteriors.value);
});
