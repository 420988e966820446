import { useEffect } from "preact/hooks";
import { examples } from "../lab/examples.ts";
import { back, hold, invert } from "../lab/hold.ts";
import { oneStep, pauseOrGoOn, train } from "../lab/run.ts";
import { notice, phase, running } from "../lab/state.ts";
import { primary } from "./actions.tsx";
import { lettered, switchLetters } from "./letter-keys.ts";
import { drawer, looping, sharing } from "./place.ts";

const TWICE_MILLISECONDS = 2000;

/**
 * Single letters, outside of fields: P, ., R twice, S, L, I, [ and ], which ? switches off and on; Ctrl+Z takes what was held
 * before.
 */
export function useKeys(): void {
  useEffect(() => {
    let asked = Number.NEGATIVE_INFINITY;
    const press = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      const field = target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
      if (!field && (ctrlKey || metaKey) && key === "z") {
        back();
        event.preventDefault();
        return;
      }
      if (key === "Escape") drawer.value = false;
      if (field || ctrlKey || metaKey || altKey) return;
      if (key === "?") {
        switchLetters();
        notice.value = `Keys that are single letters are ${lettered.value ? "on" : "off"}: ? switches them.`;
        return;
      }
      if (!lettered.value) return;
      if (key === "s") sharing.value = true;
      else if (key === "l") looping.value = !looping.value;
      else if (key === "i") invert();
      else if (key === "p") {
        if (phase.value === "training" || phase.value === "paused") void pauseOrGoOn();
        else primary().act();
      } else if (key === ".") oneStep();
      else if (key === "r") {
        if (running.value && performance.now() - asked < TWICE_MILLISECONDS) train();
        asked = performance.now();
      } else if (key === "[" || key === "]") {
        step(key === "]" ? 1 : -1, examples.value.count);
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

let example = 0;
function step(by: number, count: number): void {
  example = (example + by + count) % count;
  hold({ kind: "example", index: example });
}
