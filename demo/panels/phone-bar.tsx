import { primary } from "./actions.tsx";
import { Bow, Curve, Mark, Pen } from "./icons.tsx";
import { pane } from "./place.ts";

const PANES = [
  ["held", "Explore", Mark],
  ["draw", "Draw", Pen],
  ["curves", "Curves", Curve],
  ["model", "Model", Bow],
] as const;

/** What a phone has under the thumb. */
export function PhoneBar() {
  const { words, icon: Now, act } = primary();
  const button = ([name, text, Icon]: (typeof PANES)[number]) => (
    <button
      key={name}
      type="button"
      aria-current={pane.value === name ? "page" : undefined}
      onClick={() => {
        pane.value = name;
      }}
    >
      <Icon />
      {text}
    </button>
  );
  return (
    <nav class="phone-bar" aria-label="Panes">
      {PANES.slice(0, 2).map(button)}
      <button type="button" class="round" aria-label={words} onClick={act}>
        <Now />
      </button>
      {PANES.slice(2).map(button)}
    </nav>
  );
}
