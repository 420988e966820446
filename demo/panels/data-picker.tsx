import { useEffect, useRef } from "preact/hooks";
import { builtInNames } from "../../src/data/built-in-names.ts";
import { chooseData } from "../lab/choose.ts";
import { examplesNamed, own } from "../lab/examples.ts";
import { fileProblem, openFiles, reading } from "../lab/open-files.ts";
import { ownIsKept } from "../lab/own-data.ts";
import { isOwn } from "../lab/settings.ts";
import { settings } from "../lab/state.ts";
import { countWords, fewWords, scalingWords, sizeWords } from "./data-words.ts";
import { titled } from "./families.tsx";

/** So many data sets have a button; the others are behind "Others". */
const BUTTONS = 2;

/** What is learned from: data that the library draws, or a person's own files. */
export function DataPicker() {
  const now = settings.value;
  const { field, count } = examplesNamed(now.data);
  const heldOut = own.value?.name === now.data ? own.value.test.count : count;
  const few = fewWords(now.pictures);
  const names = [...builtInNames, ...(own.value ? [own.value.name] : [])];
  // What is chosen is always in sight.
  const ahead = names.slice(0, BUTTONS);
  if (!ahead.includes(now.data)) ahead[BUTTONS - 1] = now.data;
  const button = (name: string) => (
    <button key={name} type="button" aria-pressed={now.data === name} onClick={() => void chooseData(name)}>
      {isOwn(name) ? "Yours" : titled(name)}
    </button>
  );
  return (
    <section class="data" aria-label="Data">
      <h2>
        {field.kind === "image" ? "Pictures" : "Examples"}
        <small>{sizeWords(field)}</small>
      </h2>
      <p class="soft">{countWords(now.pictures, heldOut)}</p>
      <fieldset class="choices" aria-label="Data">
        {ahead.map(button)}
        <details key={now.data} class="menu">
          <summary>Others</summary>
          <div>{names.filter((name) => !ahead.includes(name)).map(button)}</div>
        </details>
      </fieldset>
      {few && <p class="few">{few}</p>}
      {field.scaling && <p class="soft">{scalingWords(field)}</p>}
      {isOwn(now.data) && own.value && <Remarks name={own.value.name} remarks={own.value.remarks ?? []} />}
      {isOwn(now.data) && ownIsKept.value === false && (
        <p class="soft">Too large for this browser to keep: after a reload, drop them again.</p>
      )}
      <DropField />
    </section>
  );
}

/** What was found out by reading a person's files. */
function Remarks({ name, remarks }: { readonly name: string; readonly remarks: readonly string[] }) {
  return (
    <details>
      <summary>{name}</summary>
      <ul class="remarks">
        {remarks.map((remark) => (
          <li key={remark}>{remark}</li>
        ))}
      </ul>
    </details>
  );
}

const intoView = (element: Element | null) => element?.scrollIntoView({ block: "nearest" });

/** Where files are dropped or chosen, and what was wrong with them. */
function DropField() {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => {
    folder.current!.webkitdirectory = true;
  }, []);
  const take = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
    const given = [...(currentTarget.files ?? [])];
    currentTarget.value = "";
    void openFiles(given);
  };
  return (
    <>
      {fileProblem.value && (
        <p key={fileProblem.value} ref={intoView} class="problem" role="alert">
          {fileProblem.value}
        </p>
      )}
      <div class="drop" title="Pictures, a zip of them, IDX, .npy, .npz, CSV, or a trained model">
        Drop yours, or{" "}
        <button type="button" class="link" onClick={() => files.current!.click()}>
          choose files
        </button>{" "}
        or{" "}
        <button type="button" class="link" onClick={() => folder.current!.click()}>
          a folder
        </button>
        . They stay on this machine.
        <input ref={files} type="file" multiple hidden aria-label="Files to learn from" onChange={take} />
        <input ref={folder} type="file" hidden aria-label="A folder to learn from" onChange={take} />
      </div>
      {reading.value && <p class="soft">{`Reading ${reading.value}…`}</p>}
    </>
  );
}
