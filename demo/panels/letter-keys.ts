import { signal } from "@preact/signals";

const NAME = "letter-keys";

/** The browser may keep nothing for this page: then the choice lasts until a reload. */
const kept = (): string | null => {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
};

/** Whether keys that are single letters do something (https://www.w3.org/TR/WCAG22/#character-key-shortcuts). */
export const lettered = signal(kept() !== "off");

export function switchLetters(): void {
  lettered.value = !lettered.value;
  try {
    localStorage.setItem(NAME, lettered.value ? "on" : "off");
  } catch {
    // As above.
  }
}
