import { alignColumns } from "../columns.ts";
import { formatSeconds } from "../report/bench-text.ts";
import type { TuneReport } from "../tune/messages.ts";
import type { TunedCandidate, TunedProduct } from "../tune/tune.ts";

/** Candidates that are shown, the quickest first. */
const SHOWN = 6;

/** The report for people: a line for each class of products, then what is wrong. */
export function tuneTable({ adapterName, clock, rounds, products }: TuneReport, host: string): string {
  const header = ["class of products", "now", "choice", "gain", "candidates"];
  const rows = products.map((found) => [
    found.class,
    `${found.before}${found.source === "default" ? "" : ` (${found.source})`}`,
    found.choice,
    found.choice === found.before ? "-" : `${found.gain.toFixed(2)}x`,
    candidatesOf(found),
  ]);
  const problems = products.flatMap((found) =>
    found.candidates.flatMap(({ choice, problem }) => (problem ? [`${found.class}, ${choice}: ${problem}`] : [])),
  );
  const method = clock === "timestamps" ? "timestamps of the adapter" : "wall clock";
  return [
    `${adapterName}, ${host}`,
    `${method}, up to ${rounds} interleaved rounds; what may be noise changes nothing`,
    "",
    ...alignColumns([header, ...rows]),
    ...(problems.length > 0 ? ["", ...problems] : []),
  ].join("\n");
}

function candidatesOf({ candidates }: TunedProduct): string {
  const timed = candidates.filter(({ time }) => time).toSorted((a, b) => a.time!.median - b.time!.median);
  const written = ({ choice, time }: TunedCandidate) => `${choice} ${formatSeconds(time!.median)}`;
  const more = timed.length > SHOWN ? [`and ${timed.length - SHOWN} slower`] : [];
  return [...timed.slice(0, SHOWN).map(written), ...more].join(", ");
}
