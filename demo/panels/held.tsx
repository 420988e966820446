import { useMemo } from "preact/hooks";
import { exampleAt, exampleName, examples, noun } from "../lab/examples.ts";
import { back, crowd, heldCode, hold, past, release, walkFrom } from "../lab/hold.ts";
import { uses } from "../lab/model.ts";
import { dataRank, majority, nearestRows, rankWords } from "../lab/nearness.ts";
import { deviationsOf } from "../lab/plane.ts";
import { codes, type Held, held, heldPicture, plane, type Seen } from "../lab/state.ts";
import { Before } from "./icons.tsx";
import { signed } from "./map.tsx";
import { MoreLike } from "./more-like.tsx";
import { Numbers } from "./numbers.tsx";
import { OwnNumbers } from "./own-numbers.tsx";
import { Pad } from "./pad.tsx";
import { Picture } from "./picture.tsx";
import { holdSample, sampleCount } from "./samples.tsx";

const NEIGHBOURS = 6;
/** Codes of so many numbers are told as they are. */
const TOLD = 4;

/** Everything about the one thing that is held: a place, a held-out example or a drawing. */
export function HeldPanel() {
  const what = held.value;
  const seen = heldPicture.value;
  const known = codes.value;
  const { x, labels, classes } = examples.value;
  const current = seen && seen.code.length === plane.value.latent ? seen : undefined;
  const itself = what?.kind === "example" ? what.index : -1;
  const near = useMemo(
    () => (current && known ? nearestRows(current.code, known, NEIGHBOURS, itself) : []),
    [current, known],
  );
  const pixels = what?.kind === "drawing" ? what.pixels : itself >= 0 ? exampleAt(itself) : current?.picture;
  const similar = useMemo(() => (pixels ? nearestRows(pixels, x, NEIGHBOURS, itself) : []), [pixels, x]);
  const own = itself >= 0 ? labels[itself] : majority(near, labels);
  const wide = current !== undefined && current.code.length > 2;
  const encodes = uses.value.includes("encode");
  const cloudy = uses.value.includes("posterior");
  const pictured = examples.value.field.kind === "image";
  const rank = current && <DataHere code={current.code} />;
  return (
    <section class="rail right" aria-label="What you hold">
      <div class="title">
        <h1>{titleOf(what, encodes)}</h1>
        {past.value.length > 0 && (
          <button type="button" class="back" title="What was held before (Ctrl+Z)" onClick={back}>
            <Before />
            <span>Back</span>
          </button>
        )}
        <button
          type="button"
          onClick={() =>
            encodes
              ? hold({ kind: "example", index: Math.floor(Math.random() * examples.value.count) })
              : holdSample(Math.floor(Math.random() * sampleCount()))
          }
        >
          Random
        </button>
      </div>
      {encodes ? (
        <div class="two">
          <figure>
            {pictured ? <Pad /> : <OwnNumbers />}
            <figcaption>
              {pictured ? "Draw here" : "Set its numbers"}
              {pictured && what && (
                <button type="button" class="link clear" onClick={release}>
                  Clear
                </button>
              )}
            </figcaption>
          </figure>
          <figure>
            <Picture class="large" pictures={current?.picture} label="What the model makes of it" />
            <figcaption>redrawn</figcaption>
          </figure>
        </div>
      ) : (
        <Drawn pixels={pixels} />
      )}
      {!cloudy && rank}
      {current && <Code seen={current} />}
      {current?.drawn && (
        <>
          <h2>Six draws from its cloud</h2>
          <Pictures rows={current.drawn} />
        </>
      )}
      {cloudy && rank}
      {wide && <Numbers code={heldCode.value ?? current.code} />}
      {near.length > 0 && (
        <>
          <h2>Nearest in the code</h2>
          <Neighbours rows={near} />
        </>
      )}
      {similar.length > 0 && (
        <>
          <h2>{`Nearest ${encodes ? "" : "held-out ones, "}in ${noun() === "picture" ? "pixels" : "its numbers"}`}</h2>
          <Neighbours rows={similar} />
        </>
      )}
      {current && own !== undefined && classes.length > 1 && uses.value.includes("decode") && (
        <MoreLike own={own} guessed={itself < 0} />
      )}
    </section>
  );
}

/** What is held of a model that encodes nothing: it draws, and one looks whether it has only learned by heart. */
function Drawn({ pixels }: { readonly pixels: Float32Array | undefined }) {
  if (!pixels) return <p class="soft">{`Press one that it drew: the nearest held-out ${noun()}s come here.`}</p>;
  return (
    <div class="one">
      <Picture class="large" pictures={pixels} label="What is held" />
    </div>
  );
}

function titleOf(what: Held | undefined, encodes: boolean): string {
  if (!encodes && what?.kind !== "example") return what ? `A drawn ${noun()}` : "Nothing held";
  if (what === undefined) return noun() === "picture" ? "Draw something" : "Nothing held";
  if (what.kind === "drawing") return noun() === "picture" ? "Your drawing" : "Your example";
  return what.kind === "example" ? exampleName(what.index) : "A place on the map";
}

/** The code, with the standard deviations of its cloud; and what begins a walk there. */
function Code({ seen: { code, posterior } }: { readonly seen: Seen }) {
  const sigma = posterior && deviationsOf(posterior, code.length);
  const told = [...code].map((value, k) => (sigma ? `${signed(value)} ± ${sigma[k].toFixed(2)}` : signed(value)));
  return (
    <p class="code">
      {code.length <= TOLD ? (
        <>
          code <strong>{told.join(", ")}</strong>
        </>
      ) : (
        `a code of ${code.length} numbers`
      )}{" "}
      <span class="whole">
        <button type="button" class="link" onClick={() => walkFrom(0, code)}>
          walk from here
        </button>{" "}
        <button type="button" class="link" onClick={() => walkFrom(1, code)}>
          to here
        </button>
      </span>
    </p>
  );
}

/** "Is there data here?" */
function DataHere({ code }: { readonly code: Float32Array }) {
  if (!codes.value || !crowd.value) return null;
  const rank = dataRank(code, codes.value, crowd.value);
  return (
    <div class="rank">
      <h2>
        Is there data here? <strong data-some={rank > 0.1}>{rankWords(rank)}</strong>
      </h2>
      <meter
        min="0"
        max="1"
        value={rank}
        data-some={rank > 0.1}
        aria-label="Share of held-out examples that lie in a thinner place"
      />
    </div>
  );
}

/** Pictures in a row, to look at. */
function Pictures({ rows }: { readonly rows: Float32Array }) {
  const { size } = examples.value;
  return (
    <div class="row">
      {Array.from({ length: rows.length / size }, (_, k) => (
        <Picture key={k} pictures={rows.slice(k * size, (k + 1) * size)} label={`Draw ${k + 1}`} />
      ))}
    </div>
  );
}

/** Held-out examples that can be taken. */
function Neighbours({ rows }: { readonly rows: readonly number[] }) {
  return (
    <div class="row">
      {rows.map((index) => (
        <button
          key={index}
          type="button"
          aria-label={exampleName(index)}
          onClick={() => hold({ kind: "example", index })}
        >
          <Picture pictures={exampleAt(index)} label="" />
        </button>
      ))}
    </div>
  );
}
