import { signal } from "@preact/signals";
import { embedded } from "../lab/embed.ts";
import { fromFile, goOnFromFile, isFromFile } from "../lab/open-files.ts";
import { goOn, kept, train } from "../lab/run.ts";
import { OWN } from "../lab/settings.ts";
import { adapter, answers, notice, phase, software } from "../lab/state.ts";

const seenSlow = signal(false);
const seenFile = signal<object | undefined>(undefined);

/** One thing at a time, in room that is reserved: the most serious first. */
export function Notices() {
  const saved = kept.value;
  const opened = isFromFile.value ? fromFile.value : undefined;
  if (phase.value === "nowhere" && answers.value) return <WithoutGpu />;
  if (notice.value) {
    return (
      <aside class="notice" aria-live="assertive">
        <p>{notice.value}</p>
        {phase.value === "failed" && (
          <button type="button" onClick={() => train()}>
            Start again
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            notice.value = "";
          }}
        >
          Close
        </button>
      </aside>
    );
  }
  if (opened && seenFile.value !== opened) {
    const { name, step, settings } = opened;
    return (
      <aside class="notice">
        <p>{`${name}: ${settings.family}, step ${step.toLocaleString()}, trained on ${settings.pictures.toLocaleString()} examples of ${settings.data === OWN ? "yours" : settings.data}.`}</p>
        {adapter.value && (
          <button type="button" onClick={goOnFromFile}>
            Go on training
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            seenFile.value = opened;
          }}
        >
          Explore
        </button>
      </aside>
    );
  }
  if (embedded && !embedded.has("train")) return null;
  if (saved && phase.value === "ready") {
    return (
      <aside class="notice">
        <p>{`Welcome back. This browser kept a run at step ${saved.step.toLocaleString()}.`}</p>
        <button type="button" onClick={() => goOn(saved)}>
          Go on
        </button>
        <button
          type="button"
          onClick={() => {
            kept.value = undefined;
          }}
        >
          No, thanks
        </button>
      </aside>
    );
  }
  if (software.value && phase.value === "ready" && !seenSlow.value) {
    return (
      <aside class="notice warn">
        <p>
          <strong>No graphics processor found.</strong> Training runs on the processor, and slowly. A browser with
          hardware acceleration switched on, or a machine with a GPU, is much quicker.
        </p>
        <button
          type="button"
          onClick={() => {
            seenSlow.value = true;
          }}
        >
          Close
        </button>
      </aside>
    );
  }
  return null;
}

/** Why nothing trains here, and that the rest works. */
function WithoutGpu() {
  const why = !globalThis.isSecureContext
    ? "WebGPU needs a page that came over https."
    : "gpu" in navigator
      ? notice.value || "This browser found no adapter for WebGPU."
      : "This browser has no WebGPU: a current Chrome or Edge, Safari 26, or Firefox 141 on Windows has it.";
  return (
    <aside class="notice warn">
      <p>
        <strong>Explore only.</strong>
        {` ${why} The model that came with the page works all the same: point, draw, walk.`}
      </p>
    </aside>
  );
}
