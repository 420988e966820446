import { useEffect, useRef, useState } from "preact/hooks";
import { calm } from "../drawing/colours.ts";
import { drawPictures } from "../drawing/picture.ts";
import { download } from "../lab/download.ts";
import { examples, shownLook } from "../lab/examples.ts";
import { hold, STOPS } from "../lab/hold.ts";
import { loadFilm, notLoaded } from "../lab/later-loads.ts";
import { answers, notice, walk, walkEnds } from "../lab/state.ts";
import { Picture } from "./picture.tsx";
import { looping } from "./place.ts";

/** Whether this browser records films. */
const canFilm = (): boolean => typeof MediaRecorder !== "undefined" && MediaRecorder.isTypeSupported("video/webm");

const LOOP_MILLISECONDS = 2000;

/** The way between two codes, eleven pictures long. */
export function Walk() {
  const [filming, setFilming] = useState(false);
  const large = useRef<HTMLCanvasElement>(null);
  const pictures = walk.value;
  const { size } = examples.value;
  useEffect(() => {
    if (!looping.value || !pictures || calm()) return;
    let frame = 0;
    const began = performance.now();
    const paint = () => {
      const t = ((performance.now() - began) % LOOP_MILLISECONDS) / LOOP_MILLISECONDS;
      const stop = Math.round((1 - Math.abs(2 * t - 1)) * (STOPS - 1));
      if (large.current)
        drawPictures(large.current, pictures.slice(stop * size, (stop + 1) * size), 1, shownLook.value);
      frame = requestAnimationFrame(paint);
    };
    paint();
    return () => cancelAnimationFrame(frame);
  }, [looping.value, pictures]);
  const [a, b] = walkEnds.value;
  if (!a && !b) return null;
  const film = () =>
    loadFilm().catch(() => {
      notice.value = notLoaded("What saves a walk");
    });
  const saveStrip = async () => {
    const loaded = await film();
    if (loaded) download(await loaded.stripOf(pictures!, STOPS, shownLook.value), "walk.png");
  };
  const saveFilm = async () => {
    setFilming(true);
    try {
      const loaded = await film();
      if (loaded) download(await loaded.filmOf(answers.value!, a!, b!, shownLook.value), "walk.webm");
    } finally {
      setFilming(false);
    }
  };
  return (
    <div class="walk">
      <p>
        <strong>Walk</strong>
        <br />
        {a && b ? "A to B" : "set the other end"}
      </p>
      {pictures && (
        <div class="strip">
          {Array.from({ length: STOPS }, (_, k) => (
            <button
              key={k}
              type="button"
              aria-label={`Stop ${k + 1} of ${STOPS}`}
              onClick={() => a && b && hold({ kind: "place", code: stopOf(a, b, k) })}
            >
              <Picture pictures={pictures.slice(k * size, (k + 1) * size)} label="" />
            </button>
          ))}
        </div>
      )}
      {looping.value && (
        <canvas ref={large} class="picture" width="28" height="28" aria-label="The walk, again and again" />
      )}
      {pictures && (
        <>
          <button
            type="button"
            aria-pressed={looping.value}
            title="L"
            onClick={() => {
              looping.value = !looping.value;
            }}
          >
            Loop
          </button>
          <details class="menu">
            <summary>{filming ? "Filming…" : "Save"}</summary>
            <div>
              <button type="button" onClick={() => void saveStrip()}>
                Strip (PNG)
              </button>
              {canFilm() && (
                <button type="button" disabled={filming} onClick={() => void saveFilm()}>
                  Film (WebM)
                </button>
              )}
            </div>
          </details>
        </>
      )}
      <button
        type="button"
        aria-label="End the walk"
        onClick={() => {
          walkEnds.value = [undefined, undefined];
          walk.value = undefined;
        }}
      >
        ✕
      </button>
    </div>
  );
}

const stopOf = (a: Float32Array, b: Float32Array, k: number): Float32Array =>
  a.map((value, i) => value + (k / (STOPS - 1)) * (b[i] - value));
