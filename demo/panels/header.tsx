import { adapter, phase } from "../lab/lab.ts";
import { place } from "./app.tsx";
import { Mark } from "./icons.tsx";
import { Share } from "./share.tsx";

const PLACES = [
  ["play", "Play"],
  ["compare", "Compare"],
  ["how", "How it works"],
] as const;

/** What the run does now, and where. */
const WORDS = {
  opening: "Looking for your GPU",
  ready: "Ready",
  compiling: "Compiling",
  training: "Training",
  paused: "Paused",
  done: "Done",
  failed: "Stopped",
  nowhere: "No GPU",
} as const;

export function Header() {
  const where = adapter.value && !["opening", "nowhere"].includes(phase.value) ? ` on ${adapter.value}` : "";
  return (
    <header class="header">
      <a class="brand" href="https://www.npmjs.com/package/reparam">
        <Mark />
        <strong>reparam</strong>
      </a>
      <nav aria-label="Places">
        {PLACES.map(([name, words]) => (
          <button
            key={name}
            type="button"
            class="tab"
            aria-current={place.value === name ? "page" : undefined}
            onClick={() => {
              place.value = name;
            }}
          >
            {words}
          </button>
        ))}
      </nav>
      <p class="status" role="status" data-phase={phase.value}>
        <i class="lamp" />
        <strong>{WORDS[phase.value]}</strong>
        <span class="where">{where}</span>
      </p>
      <Share />
    </header>
  );
}
