import { lettered } from "./letter-keys.ts";

/** What a key does, or several that do alike. `name` and `does` together are a sentence. */
export interface Key<Hand> {
  /** As events call them. */
  readonly keys: readonly string[];
  readonly name: string;
  readonly does: string;
  /** A single letter, which can be switched off. */
  readonly letter?: boolean;
  /** With Ctrl, or Cmd. */
  readonly ctrl?: boolean;
  /** In a field, too. */
  readonly inFields?: boolean;
  act(hand: Hand, event: KeyboardEvent): void;
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);

/** Does what a table says of the key that was pressed; false where it says nothing. */
export function pressed<Hand>(table: readonly Key<Hand>[], hand: Hand, event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, altKey, target } = event;
  const found = table.find(
    ({ keys, ctrl = false, letter, inFields }) =>
      keys.includes(key) &&
      ctrl === (ctrlKey || metaKey) &&
      !altKey &&
      (lettered.value || !letter) &&
      (inFields || !isField(target)),
  );
  found?.act(hand, event);
  return found !== undefined;
}
