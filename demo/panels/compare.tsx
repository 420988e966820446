import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { grouped } from "../drawing/words.ts";
import { before, chosen, earlier } from "../lab/earlier-runs.ts";
import { examplesNamed, lookOf, REDRAWN } from "../lab/examples.ts";
import { type Difference, differences, type Settings, type WHOLE } from "../lab/settings.ts";
import { type Moment, momentAt, moments, type Snapshot, snapshot } from "../lab/snapshots.ts";
import { notice, settings as set, shown } from "../lab/state.ts";
import { BothCurves, Table } from "./compare-numbers.tsx";
import { familyTitle, valueWords } from "./families.tsx";
import { labelOf } from "./option-field.tsx";
import { Picture } from "./picture.tsx";
import { go } from "./place.ts";
import { SmallMap } from "./small-map.tsx";
import { TimeStrip } from "./time-strip.tsx";

/** The step that is looked at; undefined is the newest. */
const time = signal<number | undefined>(undefined);
/** The held-out example that is marked: in both maps, where both are of the same data. */
const marked = signal<{ readonly data: string; readonly index: number } | undefined>(undefined);

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
  const b = snapshot();
  const at = time.value ?? Number.POSITIVE_INFINITY;
  const different = differences(a.settings, b.settings);
  const sameData = a.settings.data === b.settings.data;
  const runs = [
    ["A", a],
    ["B", b],
  ] as const;
  return (
    <main class="compare">
      <div class="looks">
        <div class="sentence">
          <Differing different={different} />
          <button type="button" onClick={addRun}>
            Add a run
          </button>
        </div>
        <div class="maps">
          {runs.map(([name, run]) => (
            <RunFigure
              key={name}
              name={name}
              run={run}
              choice={name === "A" && earlier.value.length > 1 && <Earlier now={b.settings} />}
              moment={momentAt(run.moments, at)}
              told={toldOf(run, different, ({ a, b }) => (name === "A" ? a : b))}
            />
          ))}
        </div>
      </div>
      <div class="figures-of">
        <Table a={a} b={b} at={at} />
        <BothCurves a={a} b={b} />
        <p class="soft">
          {sameData
            ? "Point at a dot in one map: the same example is marked in the other."
            : "The two learned from different data: a loss of one says nothing about the other."}
        </p>
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
function addRun(): void {
  go("play");
  notice.value =
    "Change a setting and press Start again: the run that is here now stands beside the new one in Compare.";
}

/** The earlier runs, to choose the one that stands on the left. */
function Earlier({ now }: { readonly now: Settings }) {
  return (
    <select
      aria-label="The run on the left"
      value={earlier.value.indexOf(before.value!)}
      onChange={({ currentTarget }) => {
        chosen.value = earlier.value[Number(currentTarget.value)];
      }}
    >
      {earlier.value.map((run, index) => (
        <option key={run} value={index}>
          {runWords(run, now)}
        </option>
      ))}
    </select>
  );
}

/** "Variational, β 4, to step 2,820": a run by what it does not share with the present one, and as far as there are maps of it. */
function runWords(run: Snapshot, now: Settings): string {
  const told = toldOf(run, differences(run.settings, now), ({ a }) => a);
  return [familyTitle(run.settings.family), ...told, `to step ${grouped(run.moments.at(-1)!.step)}`].join(", ");
}

/** Where a run came from, or what it has in its own way. */
function toldOf({ name }: Snapshot, different: readonly Difference[], own: (one: Difference) => unknown): string[] {
  if (name) return [name];
  const told = different.filter(({ name }) => name !== "family").slice(0, MOST_TOLD);
  return told.map((one) => toldWords(one.name, own(one)));
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

/** "pictures 12,000": where there is little room. */
const toldWords = (name: string, value: unknown): string =>
  `${settingName(name).replace(/^the (count of )?/, "")} ${wordsOf(name, value)}`;
const wordsOf = (name: string, value: unknown): string =>
  name === "family"
    ? familyTitle(String(value))
    : name === "pictures" || name === "epochs"
      ? grouped(Number(value))
      : valueWords(value);

/** What differs, in a sentence, and what does not. */
function Differing({ different }: { readonly different: readonly Difference[] }) {
  if (different.length === 0) return <p>Both were trained with the same settings.</p>;
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
      .
      {same.length > 0 && (
        <span class="soft">{` Same ${listed(same.map((name) => (name === "epochs" ? "planned epochs" : name)))}.`}</span>
      )}
    </p>
  );
}

const SAME = ["family", "data", "epochs", "seed"];
/** "a, b and c" */
const listed = (words: readonly string[]): string => words.join(", ").replace(/, ([^,]*)$/, " and $1");

/** Pictures beside each other, of a model that has no map. */
const DRAWN_COLUMNS = 5;

interface RunFigureProps {
  readonly name: string;
  readonly run: Snapshot;
  /** What chooses another run, in place of what this one is called. */
  readonly choice: ComponentChildren;
  readonly moment: Moment | undefined;
  /** Where it came from, or what it has in its own way. */
  readonly told: readonly string[];
}

/** The map of a run, and held-out examples over how it redraws them. */
function RunFigure({ name, run: { settings }, choice, moment, told }: RunFigureProps) {
  const seen = examplesNamed(settings.data);
  const columns = Math.min(REDRAWN, seen.count);
  const look = lookOf(seen);
  return (
    <figure>
      <figcaption>
        <b class="letter">{name}</b>
        {choice || (
          <>
            <strong>{familyTitle(settings.family)}</strong>
            {told.length > 0 && <b>{told.join(", ")}</b>}
          </>
        )}
        <span>{moment ? `step ${grouped(moment.step)}` : "no map yet"}</span>
        <button
          type="button"
          class="opener"
          title="Sets what this run was trained with"
          onClick={() => {
            set.value = settings;
            go("play");
          }}
        >
          Use its settings
        </button>
      </figcaption>
      {moment?.drawn ? (
        <Picture
          class="large-map"
          pictures={moment.drawn}
          columns={DRAWN_COLUMNS}
          look={look}
          label={`Drawn by ${name}`}
        />
      ) : (
        <SmallMap
          class="large-map"
          data={settings.data}
          places={moment?.places}
          sheet={moment?.sheet}
          marked={marked.value?.data === settings.data ? marked.value.index : undefined}
          mark={(index) => {
            marked.value = index === undefined ? undefined : { data: settings.data, index };
          }}
          label={`Map of codes of ${name}`}
        />
      )}
      <div style={{ width: `${(100 * columns) / REDRAWN}%` }}>
        <Picture pictures={seen.x.slice(0, columns * seen.size)} columns={columns} look={look} label="Held out" />
        {!moment?.drawn && (
          <Picture pictures={moment?.redrawn} columns={columns} look={look} label={`Redrawn by ${name}`} />
        )}
      </div>
    </figure>
  );
}
