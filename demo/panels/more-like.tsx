import { useEffect, useRef } from "preact/hooks";
import { withArticle } from "../drawing/words.ts";
import { examples } from "../lab/examples.ts";
import { moreLike } from "../lab/hold.ts";

/** A press goes a quarter of the way. */
const PRESS = 0.25;
/** Held so long, a button slides, in so small parts of the way. */
const [HELD_MILLISECONDS, SLIDE_MILLISECONDS, SLIDE] = [350, 33, 0.02];

interface MoreLikeProps {
  readonly own: number;
  /** Whether its class is that of most of its neighbours alone. */
  readonly guessed: boolean;
}

/** Buttons that move a code towards a class: pressed, by a quarter of the way; held, on and on. */
export function MoreLike({ own, guessed }: MoreLikeProps) {
  const timer = useRef(0);
  const slid = useRef(false);
  const stop = () => clearInterval(timer.current);
  useEffect(() => stop, []);
  const press = (label: number) => {
    stop();
    slid.current = false;
    timer.current = window.setTimeout(() => {
      slid.current = true;
      timer.current = window.setInterval(() => moreLike(label, own, SLIDE), SLIDE_MILLISECONDS);
    }, HELD_MILLISECONDS);
  };
  return (
    <>
      <h2>Make it more like {guessed && <small>{`looks like ${withArticle(examples.value.classes[own])}`}</small>}</h2>
      <fieldset class="digits" aria-label="Make it more like">
        {examples.value.classes.map((name, label) => (
          <button
            key={label}
            type="button"
            disabled={!guessed && label === own}
            onPointerDown={() => press(label)}
            onPointerUp={stop}
            onPointerLeave={stop}
            onClick={() => !slid.current && moreLike(label, own, PRESS)}
          >
            {name}
          </button>
        ))}
      </fieldset>
    </>
  );
}
