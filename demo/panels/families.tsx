import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { statements } from "../../src/config/presets.ts";

/** "sparse-ae" → "Sparse ae" */
export const titled = (name: string) => name[0].toUpperCase() + name.slice(1);

interface FamiliesProps {
  readonly current: string;
  readonly choose: (family: string) => void;
  readonly icon: ComponentChildren;
}

/** The family that is set, as a button that opens the list of all. */
export function Families({ current, choose, icon }: FamiliesProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [looked, look] = useState(current);
  const all = Object.keys(statements);
  const { summary, words, formula, source } = statements[looked];
  const use = () => {
    choose(looked);
    dialog.current!.close();
  };
  const move = (by: number) => look(all[(all.indexOf(looked) + by + all.length) % all.length]);
  return (
    <>
      <button
        type="button"
        class="family"
        aria-haspopup="dialog"
        onClick={() => {
          look(current);
          dialog.current!.showModal();
        }}
      >
        {icon}
        <span>
          <strong>{titled(current)}</strong>
          <small>{`one of ${all.length} families`}</small>
        </span>
      </button>
      <dialog ref={dialog} class="families" aria-label="Families" closedby="any">
        <div
          class="list"
          role="listbox"
          aria-label="Families"
          tabIndex={0}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") move(1);
            else if (event.key === "ArrowUp") move(-1);
            else if (event.key === "Enter") use();
            else {
              const found = all.find((name) => name.startsWith(event.key.toLowerCase()));
              if (found) look(found);
              return;
            }
            event.preventDefault();
          }}
        >
          {all.map((name) => (
            <div
              key={name}
              role="option"
              tabIndex={-1}
              aria-selected={name === looked}
              onClick={() => look(name)}
              onDblClick={use}
              onKeyDown={() => {}}
            >
              {titled(name)}
            </div>
          ))}
        </div>
        <div class="detail">
          <h2>{titled(looked)}</h2>
          <p>{words}</p>
          <p class="soft">{summary}.</p>
          <code class="formula">{formula}</code>
          <p class="soft">{source}</p>
          <div class="buttons">
            <button type="button" class="primary" onClick={use}>
              Use it
            </button>
            <button type="button" onClick={() => dialog.current!.close()}>
              Close
            </button>
          </div>
        </div>
      </dialog>
    </>
  );
}
