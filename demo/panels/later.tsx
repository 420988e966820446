import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { notLoaded } from "../lab/later-loads.ts";
import { notice } from "../lab/state.ts";

const PART = "This part of the page";

/** What loads each of the parts below. */
export const parts: (() => Promise<unknown>)[] = [];

/**
 * A place or a dialog whose code is loaded when it is first shown, since most visitors go there late or never. `asked`: says whether
 * a dialog is asked for.
 */
export function later(load: () => Promise<ComponentType>, asked?: Signal<boolean>): ComponentType {
  const loaded = signal<{ readonly panel: ComponentType } | undefined>(undefined);
  const loadOnce = async () => {
    loaded.value ??= { panel: await load() };
  };
  parts.push(loadOnce);
  return () => {
    const [failures, setFailures] = useState(0);
    const attempt = () => {
      loadOnce().catch(() => {
        if (!asked) return setFailures((count) => count + 1);
        asked.value = false;
        notice.value = notLoaded(PART);
      });
    };
    useEffect(attempt, []);
    const Panel = loaded.value?.panel;
    if (Panel) return <Panel />;
    if (asked) return null;
    return failures > 0 ? <Missing again={attempt} reload={failures > 1} /> : <main aria-busy="true" />;
  };
}

interface MissingProps {
  readonly again: () => void;
  /** Some browsers do not ask again for what they once did not get. */
  readonly reload: boolean;
}

function Missing({ again, reload }: MissingProps) {
  return (
    <main class="how">
      <p role="alert">{notLoaded(PART)}</p>
      <div class="buttons">
        <button type="button" onClick={again}>
          Try again
        </button>
        {reload && (
          <button type="button" onClick={() => location.reload()}>
            Reload the page
          </button>
        )}
      </div>
    </main>
  );
}
