import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { drawCurves, termWords } from "../drawing/curves.ts";
import { grouped } from "../drawing/words.ts";
import { examplesNamed, lookOf, REDRAWN } from "../lab/examples.ts";
import { stepsAnEpoch } from "../lab/model.ts";
import { differences } from "../lab/settings.ts";
import { before, type Moment, momentAt, moments, type Snapshot, snapshot } from "../lab/snapshots.ts";
import { settings as set, shown, step } from "../lab/state.ts";
import { familyTitle } from "./families.tsx";
import { Picture } from "./picture.tsx";
import { place } from "./place.ts";
import { SmallMap } from "./small-map.tsx";
import { TimeStrip } from "./time-strip.tsx";
import { useSize } from "./use-size.ts";

/** The step that is looked at; undefined is the newest. */
const time = signal<number | undefined>(undefined);
/** The held-out example that is marked in both maps. */
const marked = signal<number | undefined>(undefined);

/** The steps that either run has a map of, ascending. */
const times = computed<readonly number[]>(() => {
  const all = [...(before.value?.moments ?? []), ...moments.value].map(({ step }) => step);
  return [...new Set(all)].sort((a, b) => a - b);
});

/** Two runs side by side: the one before, and the one that is there now. */
export function Compare() {
  const a = before.value;
  const now = shown.value;
  if (!a || !now) {
    return (
      <main class="compare">
        <p class="empty">Train one model, change something, and train again: the two stand here side by side.</p>
      </main>
    );
  }
  const b = { ...snapshot(), step: step.value };
  const at = time.value ?? Number.POSITIVE_INFINITY;
  const different = differences(b.settings, a.settings);
  const runs = [
    ["A", a],
    ["B", b],
  ] as const;
  return (
    <main class="compare">
      <div class="looks">
        <p class="sentence">
          {different.length > 0 ? `B differs from A: ${different.join("; ")}. All else is equal.` : "B is A once more."}
        </p>
        <div class="maps">
          {runs.map(([name, run]) => (
            <RunFigure key={name} name={name} run={run} moment={momentAt(run.moments, at)} />
          ))}
        </div>
      </div>
      <div class="figures-of">
        <Table a={a} b={b} at={at} />
        <BothCurves a={a} b={b} />
        {a.settings.data === b.settings.data && (
          <p class="soft">Point at a dot in one map: the same example is marked in the other.</p>
        )}
      </div>
      <TimeStrip
        times={times.value}
        time={time.value}
        set={(chosen) => {
          time.value = chosen;
        }}
        maps={(chosen) =>
          runs.map(([name, run]) => (
            <SmallMap key={name} data={run.settings.data} places={momentAt(run.moments, chosen)?.places} />
          ))
        }
      />
    </main>
  );
}

interface RunFigureProps {
  readonly name: string;
  readonly run: Snapshot;
  readonly moment: Moment | undefined;
}

/** The map of a run, and held-out examples over how it redraws them. */
function RunFigure({ name, run: { settings }, moment }: RunFigureProps) {
  const seen = examplesNamed(settings.data);
  const columns = Math.min(REDRAWN, seen.count);
  return (
    <figure>
      <figcaption>
        <b class="letter">{name}</b>
        <strong>{familyTitle(settings.family)}</strong>
        <span>{` step ${grouped(moment?.step ?? 0)}`}</span>
        <button
          type="button"
          class="opener"
          title="Sets what this run was trained with"
          onClick={() => {
            set.value = settings;
            place.value = "play";
          }}
        >
          Open in Play
        </button>
      </figcaption>
      <SmallMap
        class="large-map"
        data={settings.data}
        places={moment?.places}
        marked={marked.value}
        mark={(index) => {
          marked.value = index;
        }}
        label={`Map of codes of ${name}`}
      />
      <Picture pictures={seen.x.slice(0, columns * seen.size)} columns={columns} look={lookOf(seen)} label="Held out" />
      <Picture pictures={moment?.redrawn} columns={columns} look={lookOf(seen)} label={`Redrawn by ${name}`} />
    </figure>
  );
}

interface BothProps {
  readonly a: Snapshot;
  readonly b: Snapshot;
}

/** Held-out terms of both, as they were at a step. */
function Table({ a, b, at }: BothProps & { readonly at: number }) {
  const rows = [a, b].map(({ epochs }) => epochs.findLast((point) => point.step <= at)?.terms ?? {});
  const sameData = a.settings.data === b.settings.data;
  const terms = [...new Set([a, b].flatMap(({ epochs }) => Object.keys(epochs.at(-1)?.terms ?? {})))];
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{Number.isFinite(at) ? `held out, step ${grouped(at)}` : "held out"}</th>
          <th scope="col">A</th>
          <th scope="col">B</th>
        </tr>
      </thead>
      <tbody>
        {terms.map((term) => (
          <tr key={term}>
            <th scope="row">{termWords(term)}</th>
            {rows.map((found, k) => (
              <td key={k} data-better={term === "reconstruction" && sameData && found[term] < rows[1 - k][term]}>
                {found[term]?.toFixed(2) ?? "–"}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function BothCurves({ a, b }: BothProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSize(canvas);
  useEffect(() => {
    const steps = Math.max(a.step, b.settings.epochs * stepsAnEpoch(b.settings));
    if (!canvas.current) return;
    drawCurves(canvas.current, { losses: b.losses, points: b.epochs, steps, other: a.epochs });
  });
  return <canvas ref={canvas} class="chart" role="img" aria-label="Curves of both: A dashed, B solid" />;
}
