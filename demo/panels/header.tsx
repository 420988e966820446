import { grouped } from "../drawing/words.ts";
import { isKept } from "../lab/kept-run.ts";
import { isFromFile } from "../lab/open-files.ts";
import { adapter, answers, phase, recovering, software, step } from "../lab/state.ts";
import { primary } from "./actions.tsx";
import { Bow, Mark } from "./icons.tsx";
import { drawer, go, keysAsked, place } from "./place.ts";
import { Share } from "./share.tsx";

const PLACES = [
  ["play", "Play"],
  ["compare", "Compare"],
  ["how", "How it works"],
  ["speed", "Speed"],
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

function statusWords(): string {
  if (recovering.value) return "Bringing the GPU back";
  if (isFromFile.value && phase.value !== "compiling") return "Model from a file";
  if (isKept.value && phase.value !== "compiling") return `Welcome back, step ${grouped(step.value)}`;
  if (phase.value === "nowhere" && answers.value) return "Explore only";
  if (phase.value === "training" && software.value) return "Training, slowly";
  if (phase.value === "paused") return `Paused at step ${grouped(step.value)}`;
  return WORDS[phase.value];
}

/** What the run does, in words. */
export function Status() {
  const words = statusWords();
  const where = adapter.value && !["opening", "nowhere"].includes(phase.value) ? ` on ${adapter.value}` : "";
  return (
    <p class="status" role="status" data-phase={phase.value}>
      {/* Other words are a text of their own, and not the old one moved. */}
      <span key={`${words}${where}`} class="words">
        <i class="lamp" />
        <strong>{words}</strong>
        <span class="where">{where}</span>
      </span>
      {step.value > 0 && phase.value !== "ready" && !words.includes("step") && (
        <small class="step" aria-hidden="true">{`step ${grouped(step.value)}`}</small>
      )}
    </p>
  );
}

export function Header() {
  const { words, icon: Now, act } = primary();
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
            onClick={() => go(name)}
          >
            {words}
          </button>
        ))}
      </nav>
      <div class="narrow" hidden={place.value !== "play"}>
        <button
          type="button"
          aria-expanded={drawer.value}
          onClick={() => {
            drawer.value = !drawer.value;
          }}
        >
          <Bow />
          Model
        </button>
        <button type="button" class="primary" onClick={act}>
          <Now />
          {words}
        </button>
      </div>
      <Status />
      <Share />
      <button
        type="button"
        class="asks-keys"
        title="Keys (?)"
        aria-label="Keys"
        onClick={() => {
          keysAsked.value = true;
        }}
      >
        ?
      </button>
      <details class="menu places">
        <summary aria-label="Places">⋯</summary>
        <div>
          {PLACES.map(([name, words]) => (
            <button
              key={name}
              type="button"
              aria-current={place.value === name ? "page" : undefined}
              onClick={() => go(name)}
            >
              {words}
            </button>
          ))}
        </div>
      </details>
    </header>
  );
}
