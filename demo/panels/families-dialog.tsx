import { useEffect, useRef, useState } from "preact/hooks";
import type { Model } from "../../src/index.ts";
import { inReadingOrder } from "../../src/models/reading-order.ts";
import { grouped } from "../drawing/words.ts";
import { choose } from "../lab/choose.ts";
import { loadFamilies, statements } from "../lab/families.ts";
import { notLoaded } from "../lab/later-loads.ts";
import { modelOf, weightsOf } from "../lab/model.ts";
import { settingsOf } from "../lab/settings.ts";
import { running, settings } from "../lab/state.ts";
import { familyTitle, titled, valueWords } from "./families.tsx";
import { Formula } from "./formula.tsx";
import { Bow, Close } from "./icons.tsx";
import { labelOf } from "./option-field.tsx";
import { familiesAsked } from "./place.ts";
import { Source } from "./source.tsx";

/** What the uses of a model are called in a sentence. */
const USES: Readonly<Record<string, string>> = {
  encode: "encode",
  decode: "decode",
  reconstruct: "redraw",
  sample: "draw new ones",
  posterior: "see the cloud of a code",
  classify: "name the class",
};

/** So many settings are shown before a family is taken. */
const MOST_SETTINGS = 6;

/** The families whose title or name has a text in it, as they are listed: under what they are for. */
function found(text: string) {
  const wanted = text.trim().toLowerCase();
  const loaded = Object.values(statements);
  const listed = loaded.filter(({ name }) => `${familyTitle(name)} ${name}`.toLowerCase().includes(wanted));
  return inReadingOrder(listed).map(({ words, members }) => ({ words, names: members.map(({ name }) => name) }));
}

/** The list of all families, and what is to know of the one that is looked at. */
export function FamiliesDialog() {
  const current = settings.value.family;
  const dialog = useRef<HTMLDialogElement>(null);
  const [looked, look] = useState(current);
  const [text, search] = useState("");
  const [loaded, setLoaded] = useState<"all" | "some" | undefined>(undefined);
  const load = () =>
    void loadFamilies().then(
      () => setLoaded("all"),
      () => setLoaded("some"),
    );
  useEffect(() => {
    dialog.current!.showModal();
    load();
  }, []);
  const groups = found(text);
  const listed = groups.flatMap(({ names }) => names);
  const close = () => dialog.current!.close();
  const use = () => {
    choose(looked);
    close();
  };
  const move = (by: number) => {
    if (listed.length > 0) look(listed[(listed.indexOf(looked) + by + listed.length) % listed.length]);
  };
  return (
    <dialog
      ref={dialog}
      class="families"
      aria-label="Families"
      closedby="any"
      onClose={() => {
        familiesAsked.value = false;
      }}
    >
      <div class="list">
        <input
          type="search"
          placeholder="Find a family"
          aria-label="Find a family"
          aria-controls="families-list"
          aria-activedescendant={listed.includes(looked) ? `family-${looked}` : undefined}
          value={text}
          onInput={({ currentTarget }) => {
            search(currentTarget.value);
            const [first] = found(currentTarget.value).flatMap(({ names }) => names);
            if (first) look(first);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") move(1);
            else if (event.key === "ArrowUp") move(-1);
            else if (event.key === "Enter") use();
            else return;
            event.preventDefault();
          }}
        />
        <div id="families-list" role="listbox" aria-label="Families">
          {groups.map(
            ({ words, names }) =>
              names.length > 0 && (
                <fieldset key={words} aria-label={words}>
                  <h3>{words}</h3>
                  {names.map((name) => (
                    <div
                      key={name}
                      id={`family-${name}`}
                      role="option"
                      tabIndex={-1}
                      aria-selected={name === looked}
                      onClick={() => look(name)}
                      onDblClick={use}
                      onKeyDown={() => {}}
                    >
                      {familyTitle(name)}
                      {name === current && <small>now</small>}
                    </div>
                  ))}
                </fieldset>
              ),
          )}
          {loaded === "some" && (
            <p class="soft" role="alert">
              {notLoaded("Some families")}{" "}
              <button type="button" class="link" onClick={load}>
                Try again
              </button>
            </p>
          )}
          {loaded === "all" && listed.length === 0 && <p class="soft">There is no such family.</p>}
        </div>
      </div>
      <Detail key={looked} name={looked} use={use} close={close} />
    </dialog>
  );
}

interface DetailProps {
  readonly name: string;
  readonly use: () => void;
  readonly close: () => void;
}

/** What a family is, what one can do with it, and what it lets one set. */
function Detail({ name, use, close }: DetailProps) {
  const { words, formula, source, options } = statements[name];
  const now = settingsOf(name, settings.value);
  const { model, problem } = made(now);
  const shown = Object.entries(options).filter(([key, { help }]) => key !== "initializer" && help);
  return (
    <div class="detail">
      <div class="head">
        <Bow />
        <div>
          <h2>{familyTitle(name)}</h2>
          <Source of={source} />
        </div>
        <button type="button" class="square" aria-label="Close the list" onClick={close}>
          <Close />
        </button>
      </div>
      <p class="large">{words}</p>
      <Formula of={formula} />
      {problem && <p class="problem">{problem}</p>}
      {model && (
        <>
          <h3>What you can do with it</h3>
          <p>{usesWords(Object.keys(model.uses))}</p>
        </>
      )}
      <h3>Settings it brings</h3>
      <dl class="brings">
        {shown.slice(0, MOST_SETTINGS).map(([key, option]) => (
          <div key={key} title={option.help}>
            <dt>{labelOf(key)}</dt>
            <dd>{valueWords(now.options[key] ?? option.default)}</dd>
          </div>
        ))}
      </dl>
      <p class="soft">{model && `${weightWords(model)} weights`}</p>
      <div class="buttons">
        <p class="soft">
          {running.value ? "Starts a new run. The present one stays in Compare." : "It learns when you press Train."}
        </p>
        <button type="button" onClick={close}>
          Cancel
        </button>
        <button type="button" class="primary" onClick={use}>
          Use this family
        </button>
      </div>
    </div>
  );
}

function made(now: Parameters<typeof modelOf>[0]): { readonly model?: Model; readonly problem?: string } {
  try {
    return { model: modelOf(now) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function usesWords(uses: readonly string[]): string {
  const known = uses.flatMap((use) => USES[use] ?? []);
  const text = known.join(", ");
  return known.length === 0 ? "It is trained to be compared." : `${titled(text)}.`;
}

function weightWords(model: Model): string {
  const count = weightsOf(model);
  return count >= 1e5 ? `${(count / 1e6).toFixed(1)} million` : grouped(count);
}
