import type { Measures } from "../train/measures.ts";

/** More numbers than this are no line that a person reads; JSON has them all. */
const MOST_NUMBERS = 32;

/** What a model says of itself, a line each. */
export function describeMeasures({
  meanSquaredError,
  posterior,
  units,
  retrieval,
  factors,
  modes,
}: Measures): string[] {
  return [
    ...(meanSquaredError === undefined
      ? []
      : [`reconstructions: mean squared error ${meanSquaredError.toPrecision(4)} a number`]),
    ...(posterior ? posteriorLines(posterior) : []),
    ...(units ? [`codes: ${units.count - units.constant} of ${units.count} numbers differ between examples`] : []),
    ...(retrieval ? [retrievalLine(retrieval)] : []),
    ...(factors ? [factorsLine(factors)] : []),
    ...(modes ? [modesLine(modes)] : []),
  ];
}

function retrievalLine({ bits, nearest, precision, principalComponents }: NonNullable<Measures["retrieval"]>): string {
  const [own, other] = [precision, principalComponents].map((share) => `${(100 * share).toFixed(1)} %`);
  return `retrieval: of the ${nearest} nearest by ${bits} bits, ${own} have the same class, by bits of principal components ${other}`;
}

function factorsLine({ gap, gaps }: NonNullable<Measures["factors"]>): string {
  const each = Object.entries(gaps).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  return `factors: mutual information gap ${gap.toFixed(3)} (${each.join(", ")})`;
}

function modesLine({ count, found, samples, near }: NonNullable<Measures["modes"]>): string {
  return `modes: ${found} of ${count} found in ${samples} samples, ${(100 * near).toFixed(1)} % of which are near one`;
}

function posteriorLines({ kl, activeUnits, aggregate }: NonNullable<Measures["posterior"]>): string[] {
  const { mean, covariance, klFromStandardNormal } = aggregate;
  const deviations = covariance.map((row, k) => Math.sqrt(row[k]));
  const shown = kl.slice(0, MOST_NUMBERS).map((nats) => nats.toFixed(2));
  const rest = kl.length > shown.length ? ` and ${kl.length - shown.length} more` : "";
  const furthest = mean.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const [least, most] = [Math.min(...deviations), Math.max(...deviations)].map((deviation) => deviation.toFixed(2));
  const away = klFromStandardNormal === null ? "infinitely many" : klFromStandardNormal.toFixed(2);
  return [
    `codes: ${activeUnits} of ${kl.length} numbers active; each holds ${shown.join(" ")}${rest} nats`,
    `drawn from the posteriors: means within ${furthest.toFixed(2)} of 0, deviations ${least} to ${most}, ${away} nats from N(0, 1)`,
  ];
}
