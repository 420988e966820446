import { useEffect, useRef, useState } from "preact/hooks";
import { calm } from "../drawing/colours.ts";
import { drawPictures } from "../drawing/picture.ts";
import { hold, PIXELS, STOPS, walk, walkEnds } from "../lab/lab.ts";
import { Picture } from "./picture.tsx";
import { download } from "./share.tsx";

const LOOP_MILLISECONDS = 2000;

/** The way between two codes, eleven pictures long. */
export function Walk() {
  const [looping, loop] = useState(false);
  const large = useRef<HTMLCanvasElement>(null);
  const pictures = walk.value;
  useEffect(() => {
    if (!looping || !pictures || calm()) return;
    let frame = 0;
    const began = performance.now();
    const paint = () => {
      const t = ((performance.now() - began) % LOOP_MILLISECONDS) / LOOP_MILLISECONDS;
      const stop = Math.round((1 - Math.abs(2 * t - 1)) * (STOPS - 1));
      if (large.current) drawPictures(large.current, pictures.slice(stop * PIXELS, (stop + 1) * PIXELS), 1);
      frame = requestAnimationFrame(paint);
    };
    paint();
    return () => cancelAnimationFrame(frame);
  }, [looping, pictures]);
  const [a, b] = walkEnds.value;
  if (!a && !b) return null;
  const save = () => {
    const canvas = document.createElement("canvas");
    drawPictures(canvas, pictures!, STOPS);
    const scaled = document.createElement("canvas");
    [scaled.width, scaled.height] = [4 * canvas.width, 4 * canvas.height];
    const context = scaled.getContext("2d")!;
    context.imageSmoothingEnabled = false;
    context.drawImage(canvas, 0, 0, scaled.width, scaled.height);
    scaled.toBlob((blob) => blob && download(blob, "walk.png"));
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
              <Picture pictures={pictures.slice(k * PIXELS, (k + 1) * PIXELS)} label="" />
            </button>
          ))}
        </div>
      )}
      {looping && <canvas ref={large} class="picture" width="28" height="28" aria-label="The walk, again and again" />}
      {pictures && (
        <>
          <button type="button" aria-pressed={looping} onClick={() => loop(!looping)}>
            Loop
          </button>
          <button type="button" onClick={save}>
            Save
          </button>
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
