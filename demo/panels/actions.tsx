import { useRef, useState } from "preact/hooks";
import { grouped } from "../drawing/words.ts";
import { goOnFromKept, isKept } from "../lab/kept-run.ts";
import { stale, stepsAnEpoch } from "../lab/model.ts";
import { goOnFromFile, isFromFile } from "../lab/open-files.ts";
import { oneStep, pauseOrGoOn, train, trainMore, waiting } from "../lab/run.ts";
import { phase, running, settings, shown, step, stepsPerSecond } from "../lab/state.ts";
import { Again, Pause, Play, Step } from "./icons.tsx";

/** The one thing to do now. */
export function primary(): { readonly words: string; readonly icon: typeof Play; readonly act: () => void } {
  if (isFromFile.value && shown.value === settings.value) {
    return { words: "Go on training", icon: Play, act: goOnFromFile };
  }
  if (isKept.value && shown.value === settings.value) return { words: "Go on", icon: Play, act: goOnFromKept };
  if (stale.value || running.value === undefined) {
    const words = waiting.value ? "Starts by itself" : running.value === undefined ? "Train" : "Start again";
    return { words, icon: Play, act: () => train() };
  }
  switch (phase.value) {
    case "training":
    case "compiling":
      return { words: "Pause", icon: Pause, act: () => void pauseOrGoOn() };
    case "paused":
      return { words: "Go on", icon: Play, act: () => void pauseOrGoOn() };
    case "done":
      return { words: `Train ${running.value.epochs} more`, icon: Play, act: () => void trainMore() };
    default:
      return { words: "Train", icon: Play, act: () => train() };
  }
}

/** The primary action, one step, and back to the start. */
export function Actions() {
  const [sure, setSure] = useState(false);
  const timer = useRef(0);
  const { words, icon: Icon, act } = primary();
  const startAgain = () => {
    if (shown.value !== undefined && !sure) {
      setSure(true);
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => setSure(false), 2000);
      return;
    }
    setSure(false);
    train();
  };
  return (
    <div class="actions">
      <button type="button" class="primary" disabled={phase.value === "nowhere"} onClick={act}>
        <Icon />
        {words}
      </button>
      {/* What is set may need another run, and the one that is there goes on all the same. */}
      {stale.value && phase.value === "training" ? (
        <button type="button" class="square" title="Pause (P)" aria-label="Pause" onClick={() => void pauseOrGoOn()}>
          <Pause />
        </button>
      ) : (
        <button
          type="button"
          class="square"
          title="One step (.)"
          aria-label="One step"
          disabled={!running.value || phase.value === "done"}
          onClick={oneStep}
        >
          <Step />
        </button>
      )}
      <button
        type="button"
        class="square"
        title="Back to the start (R twice)"
        aria-label={sure ? "Press again to start over" : "Back to the start"}
        data-sure={sure}
        disabled={!running.value && !isKept.value}
        onClick={startAgain}
      >
        <Again />
      </button>
    </div>
  );
}

/** How far, and how fast. */
export function Figures() {
  const rate = stepsPerSecond.value;
  const now = shown.value ?? settings.value;
  return (
    <dl class="figures">
      <div>
        <dd>{grouped(step.value)}</dd>
        <dt>steps</dt>
      </div>
      <div>
        <dd>{rate ? rate.toFixed(rate < 10 ? 1 : 0) : "–"}</dd>
        <dt>steps/s</dt>
      </div>
      <div>
        <dd>{Math.floor(step.value / stepsAnEpoch(now))}</dd>
        <dt>epochs</dt>
      </div>
      <div>
        <dd>{rate ? (1000 / rate).toFixed(rate > 10 ? 1 : 0) : "–"}</dd>
        <dt>ms a step</dt>
      </div>
    </dl>
  );
}
