import { goOn, kept, notice, phase, software, train } from "../lab/lab.ts";

/** One thing at a time, in room that is reserved: the most serious first. */
export function Notices() {
  const saved = kept.value;
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
  if (software.value && phase.value === "ready") {
    return (
      <aside class="notice warn">
        <p>
          <strong>No graphics processor found.</strong> Training runs on the processor, and slowly. A browser with
          hardware acceleration switched on, or a machine with a GPU, is much quicker.
        </p>
        <button
          type="button"
          onClick={() => {
            software.value = false;
          }}
        >
          Close
        </button>
      </aside>
    );
  }
  return null;
}
