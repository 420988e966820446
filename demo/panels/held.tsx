import { useMemo } from "preact/hooks";
import {
  CLASSES,
  codes,
  crowd,
  HELD_OUT,
  held,
  heldOut,
  heldPicture,
  hold,
  moreLike,
  PIXELS,
  pictureOf,
  plane,
  uses,
  walkFrom,
} from "../lab/lab.ts";
import { dataRank, majority, nearestRows, rankWords } from "../lab/nearness.ts";
import { signed } from "./map.tsx";
import { Pad } from "./pad.tsx";
import { Picture } from "./picture.tsx";

const NEIGHBOURS = 6;
/** Of wide codes, so many numbers are sliders. */
const MOST_SLIDERS = 10;

/** Everything about the one thing that is held: a place, a held-out picture or a drawing. */
export function HeldPanel() {
  const what = held.value;
  const seen = heldPicture.value;
  const known = codes.value;
  const { labels } = heldOut();
  const current = seen && seen.code.length === plane.value.latent ? seen : undefined;
  const near = useMemo(
    () =>
      current && known ? nearestRows(current.code, known, NEIGHBOURS, what?.kind === "example" ? what.index : -1) : [],
    [current, known],
  );
  const pixels =
    what?.kind === "drawing" ? what.pixels : what?.kind === "example" ? pictureOf(what.index) : current?.picture;
  const similar = useMemo(
    () =>
      pixels ? nearestRows(pixels, heldOut().pictures, NEIGHBOURS, what?.kind === "example" ? what.index : -1) : [],
    [pixels],
  );
  const rank = current && known && crowd.value ? dataRank(current.code, known, crowd.value) : undefined;
  const own = what?.kind === "example" ? labels[what.index] : majority(near, labels);
  const title =
    what === undefined
      ? "Draw a digit"
      : what.kind === "drawing"
        ? "Your drawing"
        : what.kind === "example"
          ? `Held-out ${labels[what.index]}`
          : "A place on the map";
  return (
    <section class="rail right" aria-label="What you hold">
      <div class="title">
        <h1>{title}</h1>
        <button type="button" onClick={clear}>
          Clear
        </button>
        <button type="button" onClick={() => hold({ kind: "example", index: Math.floor(Math.random() * HELD_OUT) })}>
          Random
        </button>
      </div>
      <div class="two">
        <figure>
          <Pad />
          <figcaption>Draw here</figcaption>
        </figure>
        <figure>
          <Picture class="large" pictures={current?.picture} label="What the model makes of it" />
          <figcaption>redrawn</figcaption>
        </figure>
      </div>
      {current && (
        <p class="code">
          {current.code.length <= 4 ? (
            <>
              code <strong>{[...current.code].map(signed).join(", ")}</strong>
            </>
          ) : (
            `a code of ${current.code.length} numbers`
          )}{" "}
          <button type="button" class="link" onClick={() => walkFrom(0, current.code)}>
            walk from here
          </button>{" "}
          <button type="button" class="link" onClick={() => walkFrom(1, current.code)}>
            to here
          </button>
        </p>
      )}
      {rank !== undefined && (
        <div class="rank">
          <h2>
            Is there data here? <strong data-some={rank > 0.1}>{rankWords(rank)}</strong>
          </h2>
          <meter min="0" max="1" value={rank} aria-label="Share of held-out pictures that lie in a thinner place" />
        </div>
      )}
      {current && current.code.length > 2 && <Sliders code={current.code} />}
      {near.length > 0 && (
        <>
          <h2>Nearest in the code</h2>
          <Row rows={near} />
        </>
      )}
      {similar.length > 0 && (
        <>
          <h2>Nearest in pixels</h2>
          <Row rows={similar} />
        </>
      )}
      {current && own !== undefined && uses.value.includes("decode") && (
        <>
          <h2>Make it more like</h2>
          <fieldset class="digits" aria-label="Make it more like">
            {Array.from({ length: CLASSES }, (_, label) => (
              <button key={label} type="button" disabled={label === own} onClick={() => moreLike(label, own)}>
                {label}
              </button>
            ))}
          </fieldset>
        </>
      )}
    </section>
  );
}

function clear(): void {
  held.value = undefined;
  heldPicture.value = undefined;
}

/** Held-out pictures that can be taken. */
function Row({ rows }: { readonly rows: readonly number[] }) {
  const { labels } = heldOut();
  return (
    <div class="row">
      {rows.map((index) => (
        <button
          key={index}
          type="button"
          aria-label={`Held-out ${labels[index]}`}
          onClick={() => hold({ kind: "example", index })}
        >
          <Picture pictures={pictureOf(index).slice(0, PIXELS)} label="" />
        </button>
      ))}
    </div>
  );
}

/** The numbers of a code to pull, those that vary most first. */
function Sliders({ code }: { readonly code: Float32Array }) {
  const known = codes.value;
  const latent = code.length;
  const order = useMemo(() => {
    const variance = Array.from({ length: latent }, (_, k) => {
      if (!known) return 1;
      const count = known.length / latent;
      let [sum, squares] = [0, 0];
      for (let row = 0; row < count; row++) {
        const value = known[row * latent + k];
        sum += value;
        squares += value ** 2;
      }
      return squares / count - (sum / count) ** 2;
    });
    return variance.map((value, k) => ({ k, value })).sort((a, b) => b.value - a.value);
  }, [known, latent]);
  return (
    <>
      <h2>
        Its numbers <small>most telling first</small>
      </h2>
      {order.slice(0, MOST_SLIDERS).map(({ k, value }) => (
        <label key={k} class="number" data-asleep={value < 0.01}>
          <span>{`z${k + 1}`}</span>
          <input
            type="range"
            min="-3"
            max="3"
            step="0.02"
            value={code[k]}
            onInput={({ currentTarget }) => {
              const next = code.slice();
              next[k] = Number(currentTarget.value);
              hold({ kind: "place", code: next });
            }}
          />
          <output>{value < 0.01 ? "asleep" : signed(code[k])}</output>
        </label>
      ))}
    </>
  );
}
