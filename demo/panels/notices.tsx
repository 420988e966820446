import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { missingWebGpu } from "../../src/gpu/missing.ts";
import { grouped } from "../drawing/words.ts";
import { downloadModel } from "../lab/download.ts";
import { embedded } from "../lab/embed.ts";
import { isKept, startKeptAgain } from "../lab/kept-run.ts";
import { fromFile, goOnFromFile, isFromFile } from "../lab/open-files.ts";
import { harm } from "../lab/raised.ts";
import { train } from "../lab/run.ts";
import { kept, unsaved } from "../lab/session.ts";
import { isOwn } from "../lab/settings.ts";
import { adapter, answers, notice, phase, software, step } from "../lab/state.ts";
import { rememberClosed, wasClosed } from "./closed.ts";
import { familyTitle } from "./families.tsx";
import { Notice } from "./notice.tsx";
import { place } from "./place.ts";
import { TooHigh } from "./too-high.tsx";

/** The notice that training is slow here, which stays closed in later visits. */
const SLOW = "reparam.slow";

const seenWithout = signal(false);
/** It says what the notice of then says, and more: those that come after it stand before it. */
const toldWithout = signal(false);
const seenSlow = signal(wasClosed(SLOW));
const seenKept = signal<object | undefined>(undefined);
const seenFile = signal<object | undefined>(undefined);

/** One thing at a time, in room that is reserved: the most serious first. */
export function Notices() {
  const opened = isFromFile.value ? fromFile.value : undefined;
  const without = phase.value === "nowhere" && answers.value && !seenWithout.value;
  if (without && !(toldWithout.value && notice.value)) return <WithoutGpu />;
  if (harm.value) return <TooHigh />;
  if (notice.value) {
    return (
      <Notice aria-live="assertive">
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
      </Notice>
    );
  }
  if (opened && seenFile.value !== opened) {
    const { name, step, settings } = opened;
    return (
      <Notice>
        <p>{`${name}: ${familyTitle(settings.family)}, step ${grouped(step)}, trained on ${grouped(settings.pictures)} examples of ${isOwn(settings.data) ? "yours" : settings.data}.`}</p>
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
      </Notice>
    );
  }
  if (embedded && !embedded.has("train")) return null;
  if (unsaved.value) return <Unsaved />;
  if (place.value === "play" && isKept.value && seenKept.value !== kept.value) {
    return (
      <Notice>
        <p>{`Your run is here again, as of step ${grouped(step.value)}.`}</p>
        <button type="button" onClick={startKeptAgain}>
          Start again
        </button>
        <button
          type="button"
          onClick={() => {
            seenKept.value = kept.value;
          }}
        >
          Close
        </button>
      </Notice>
    );
  }
  if (place.value === "play" && software.value && phase.value === "ready" && !seenSlow.value) {
    return (
      <Notice class="warn">
        <p>
          <strong>No graphics processor found.</strong> Training on the processor is slow: switch hardware acceleration
          on in the browser, or try a machine with a GPU.
        </p>
        <button
          type="button"
          onClick={() => {
            seenSlow.value = true;
            rememberClosed(SLOW);
          }}
        >
          Close
        </button>
      </Notice>
    );
  }
  return null;
}

/** A reload would lose the run: its file is offered instead. */
function Unsaved() {
  return (
    <Notice class="warn">
      <p>
        <strong>Not saved.</strong> This browser gives no more room. Download the run?
      </p>
      <button type="button" onClick={() => void downloadModel()}>
        Download
      </button>
      <button
        type="button"
        onClick={() => {
          unsaved.value = false;
        }}
      >
        Close
      </button>
    </Notice>
  );
}

/** Why nothing trains here, and that the rest works. */
function WithoutGpu() {
  useEffect(() => {
    if (!toldWithout.value) notice.value = "";
    toldWithout.value = true;
  }, []);
  const why = missingWebGpu() ?? "This browser has WebGPU, and found no graphics processor for it.";
  return (
    <Notice class="warn">
      <p>
        <strong>Explore only.</strong>
        {` ${why} The model that came with the page works all the same: point, draw, walk.`}
      </p>
      <button
        type="button"
        onClick={() => {
          seenWithout.value = true;
        }}
      >
        Close
      </button>
    </Notice>
  );
}
