import { effect } from "@preact/signals";
import { toHash } from "./settings.ts";
import { settings } from "./state.ts";

/** The link follows the settings, without a reload. */
export const followLink = (): (() => void) =>
  effect(() => {
    const hash = toHash(settings.value);
    if (location.hash !== hash) history.replaceState(null, "", hash);
  });
