import { asked, askedLine, askedProblem, stopAsking } from "../lab/speed.ts";
import { phase } from "../lab/state.ts";

interface AskingProps {
  /** What is asked, as long as it is. */
  readonly ask: "measure" | "time" | "check";
  /** The button's words. */
  readonly words: string;
  readonly start: () => void;
}

/** A button that asks the machine something which takes a while: then it stops that, and a line says how far it is. */
export function Asking({ ask, words, start }: AskingProps) {
  const now = asked.value === ask;
  const without = phase.value === "nowhere" || phase.value === "opening";
  const rounds = /round (\d+) of (\d+)/.exec(askedLine.value);
  return (
    <div class="asking">
      <button
        type="button"
        disabled={without || (asked.value !== undefined && !now)}
        onClick={now ? stopAsking : start}
      >
        {now ? "Stop" : words}
      </button>
      <p class="soft" role="status">
        {now ? `${askedLine.value}…` : ""}
      </p>
      {now && rounds && <progress value={Number(rounds[1])} max={Number(rounds[2])} aria-label="Rounds" />}
      {!asked.value && askedProblem.value && <p class="problem">{askedProblem.value}</p>}
    </div>
  );
}
