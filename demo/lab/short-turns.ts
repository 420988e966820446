import { effect } from "@preact/signals";
import { answers, held, phase, pointed } from "./state.ts";

/** How long the GPU trains at once while somebody points or draws: what they ask for has its turn soon. */
const MILLISECONDS = 6;
/** After so long without either, as long as is usual. */
const REST_MILLISECONDS = 500;

/** Lets the run give way to whoever points or draws while it trains; returns what ends that. */
export function shortenTurns(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shortened: (typeof answers)["value"];
  const set = (milliseconds: number | null) => void shortened?.setSubmitMilliseconds?.(milliseconds).catch(() => {}); // the run has gone
  return effect(() => {
    const [place, what] = [pointed.value, held.value];
    const model = answers.peek();
    if ((!place && what?.kind !== "drawing") || phase.peek() !== "training") return;
    clearTimeout(timer);
    if (shortened !== model) {
      shortened = model;
      set(MILLISECONDS);
    }
    timer = setTimeout(() => {
      set(null);
      shortened = undefined;
    }, REST_MILLISECONDS);
  });
}
