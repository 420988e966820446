import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { grouped } from "../drawing/words.ts";
import { Pause, Play } from "./icons.tsx";

interface TimeStripProps {
  /** Steps, ascending. */
  readonly times: readonly number[];
  /** The one that is looked at; undefined is the newest. */
  readonly time: number | undefined;
  readonly set: (time: number | undefined) => void;
  /** The small maps of a step. */
  readonly maps: (time: number) => ComponentChildren;
}

/** So many steps are shown as maps. */
const SHOWN = 6;
const REPLAY_MILLISECONDS = 3000;

/** Time along the foot: a slider over all steps that there are maps of, some of them as small maps, and Replay. */
export function TimeStrip({ times, time, set, maps }: TimeStripProps) {
  const [playing, play] = useState(false);
  const timer = useRef(0);
  const last = times.length - 1;
  const now = time === undefined ? last : Math.max(0, times.indexOf(time));
  const choose = (index: number) => set(index >= last ? undefined : times[index]);
  useEffect(() => {
    if (!playing) return;
    let index = 0;
    set(times[0]);
    const next = () => {
      index++;
      choose(index);
      if (index >= last) play(false);
    };
    timer.current = window.setInterval(next, REPLAY_MILLISECONDS / Math.max(1, last));
    return () => clearInterval(timer.current);
  }, [playing]);
  if (times.length < 2) return null;
  const shown = Array.from({ length: Math.min(SHOWN, times.length) }, (_, k, count = Math.min(SHOWN, times.length)) =>
    Math.round((k * last) / (count - 1)),
  );
  return (
    <section class="times" aria-label="Time">
      <button type="button" class="primary" aria-pressed={playing} onClick={() => play(!playing)}>
        {playing ? <Pause /> : <Play />}
        {playing ? "Stop" : "Replay"}
      </button>
      <div>
        <input
          type="range"
          aria-label="Time"
          min="0"
          max={last}
          step="1"
          value={now}
          aria-valuetext={`step ${times[now]}`}
          style={{ "--part": `${(100 * now) / last}%` }}
          onInput={({ currentTarget }) => {
            play(false);
            choose(Number(currentTarget.value));
          }}
        />
        <div class="moments">
          {shown.map((index) => (
            <button
              key={index}
              type="button"
              aria-current={nearestShown(shown, now) === index ? "step" : undefined}
              onClick={() => {
                play(false);
                choose(index);
              }}
            >
              <span>{maps(times[index])}</span>
              {times[index] === 0 ? "start" : grouped(times[index])}
            </button>
          ))}
        </div>
      </div>
    </section>
  );
}

/** The one that stands nearest to an index. */
const nearestShown = (shown: readonly number[], index: number): number =>
  shown.reduce((best, one) => (Math.abs(one - index) < Math.abs(best - index) ? one : best));
