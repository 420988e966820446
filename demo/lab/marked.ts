import { signal } from "@preact/signals";

/** The control that a word set, to be shown with a ring until something else happens to it. */
export const marked = signal("");

const MILLISECONDS = 6000;
let timer = 0;

/** Shows a control with a ring, for a while. */
export function mark(name: string): void {
  marked.value = name;
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    marked.value = "";
  }, MILLISECONDS);
}
