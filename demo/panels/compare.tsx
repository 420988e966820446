import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { drawCurves, termWords } from "../drawing/curves.ts";
import { grouped } from "../drawing/words.ts";
import { examplesNamed, lookOf, REDRAWN } from "../lab/examples.ts";
import { stepsAnEpoch } from "../lab/model.ts";
import { type Difference, differences, type WHOLE } from "../lab/settings.ts";
import { before, type Moment, momentAt, moments, type Snapshot, snapshot } from "../lab/snapshots.ts";
import { settings as set, shown, step } from "../lab/state.ts";
import { familyTitle, valueWords } from "./families.tsx";
import { labelOf } from "./option-field.tsx";
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
  const different = differences(a.settings, b.settings);
  const runs = [
    ["A", a],
    ["B", b],
  ] as const;
  return (
    <main class="compare">
      <div class="looks">
        <div class="sentence">
          <Differing different={different} />
          <button type="button" title="Change something and train: this run then stays as A" onClick={goAndTrain}>
            Add a run
          </button>
        </div>
        <div class="maps">
          {runs.map(([name, run]) => (
            <RunFigure
              key={name}
              name={name}
              run={run}
              moment={momentAt(run.moments, at)}
              told={different
                .filter(({ name }) => name !== "family")
                .slice(0, MOST_TOLD)
                .map(
                  ({ name: what, ...both }) => `${settingName(what)} ${wordsOf(what, name === "A" ? both.a : both.b)}`,
                )}
            />
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

/** Where one changes something and trains. */
function goAndTrain(): void {
  place.value = "play";
}

/** So many differences stand beside a run's name. */
const MOST_TOLD = 2;
/** What settings are called in a sentence. */
const NAMES: Readonly<Record<(typeof WHOLE)[number] | "klWeight" | "latent", string>> = {
  family: "the family",
  data: "the data",
  pictures: "the count of pictures",
  learningRate: "the learning rate",
  epochs: "the count of epochs",
  seed: "the seed",
  klWeight: "β",
  latent: "the length of the code",
};
const settingName = (name: string): string =>
  Object.hasOwn(NAMES, name) ? NAMES[name as keyof typeof NAMES] : labelOf(name).toLowerCase();

const wordsOf = (name: string, value: unknown): string =>
  name === "family" ? familyTitle(String(value)) : valueWords(value);

/** What differs, in a sentence, and what does not. */
function Differing({ different }: { readonly different: readonly Difference[] }) {
  if (different.length === 0) return <p>B is A once more.</p>;
  const names = different.map(({ name }) => name);
  const same = SAME.filter((name) => !names.includes(name));
  return (
    <p>
      <strong>What differs:</strong>{" "}
      {different.map(({ name, a, b }, k) => (
        <span key={name}>
          {k > 0 && (k === different.length - 1 ? ", and " : ", ")}
          {settingName(name)} is <b class="value">{wordsOf(name, a)}</b> in A and{" "}
          <b class="value">{wordsOf(name, b)}</b> in B
        </span>
      ))}
      .{same.length > 0 && <span class="soft">{` Same ${listed(same)}.`}</span>}
    </p>
  );
}

const SAME = ["family", "data", "epochs", "seed"];
/** "a, b and c" */
const listed = (words: readonly string[]): string => words.join(", ").replace(/, ([^,]*)$/, " and $1");

interface RunFigureProps {
  readonly name: string;
  readonly run: Snapshot;
  readonly moment: Moment | undefined;
  /** What it has in its own way. */
  readonly told: readonly string[];
}

/** The map of a run, and held-out examples over how it redraws them. */
function RunFigure({ name, run: { settings }, moment, told }: RunFigureProps) {
  const seen = examplesNamed(settings.data);
  const columns = Math.min(REDRAWN, seen.count);
  return (
    <figure>
      <figcaption>
        <b class="letter">{name}</b>
        <strong>{familyTitle(settings.family)}</strong>
        {told.map((words) => (
          <b key={words}>{words}</b>
        ))}
        <span>{` step ${grouped(moment?.step ?? 0)}`}</span>
        <button
          type="button"
          class="opener"
          title="Sets what this run was trained with"
          onClick={() => {
            set.value = settings;
            goAndTrain();
          }}
        >
          Open in Play
        </button>
      </figcaption>
      <SmallMap
        class="large-map"
        data={settings.data}
        places={moment?.places}
        sheet={moment?.sheet}
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
        <tr>
          <th scope="row">{a.latent === b.latent ? `numbers in use, of ${a.latent}` : "numbers in use"}</th>
          {[a, b].map(({ moments, latent }, k) => {
            const awake = momentAt(moments, at)?.awake;
            return (
              <td key={k}>{awake === undefined ? "–" : a.latent === b.latent ? awake : `${awake} of ${latent}`}</td>
            );
          })}
        </tr>
        <tr>
          <th scope="row">steps/s</th>
          {[a, b].map(({ stepsPerSecond }, k) => (
            <td key={k}>{stepsPerSecond > 0 ? stepsPerSecond.toFixed(stepsPerSecond < 10 ? 1 : 0) : "–"}</td>
          ))}
        </tr>
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
