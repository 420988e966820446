import { useEffect, useRef } from "preact/hooks";
import type { Key } from "./key.ts";
import { lettered, switchLetters } from "./letter-keys.ts";
import { mapKeys } from "./map-keys.ts";
import { pageKeys } from "./page-keys.ts";
import { keysAsked } from "./place.ts";

/** All keys, what each does, and the switch for those that are single letters. */
export function KeyList() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="keys"
      aria-label="Keys"
      closedby="any"
      onClose={() => {
        keysAsked.value = false;
      }}
    >
      <h2>Keys</h2>
      <Keys table={pageKeys} />
      <h2>While the map has the focus</h2>
      <Keys table={mapKeys} />
      <label>
        <input type="checkbox" checked={lettered.value} onChange={switchLetters} />
        Single letters and signs are keys, too
      </label>
      <button type="button" onClick={() => dialog.current!.close()}>
        Close
      </button>
    </dialog>
  );
}

function Keys<Hand>({ table }: { readonly table: readonly Key<Hand>[] }) {
  return (
    <dl>
      {table.map(({ name, does, letter = false }) => (
        <div key={name} data-off={letter && !lettered.value}>
          <dt>{name}</dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
