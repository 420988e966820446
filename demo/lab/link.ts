import { batch, effect } from "@preact/signals";
import { loadLinked } from "./load-linked.ts";
import { train } from "./run.ts";
import { fromHash, toHash } from "./settings.ts";
import { link, notice, settings } from "./state.ts";

/** The link follows the settings, and the settings follow another link in the address, both without a reload. */
export function followLink(): void {
  effect(() => {
    const hash = toHash(settings.value);
    if (location.hash !== hash) history.replaceState(history.state, "", hash);
  });
  addEventListener("hashchange", async () => {
    if (location.hash === toHash(settings.value)) return; // Back, to another place of the page
    await loadLinked(location.hash);
    const asked = fromHash(location.hash);
    batch(() => {
      link.value = asked;
      settings.value = asked.settings;
      notice.value = asked.problems.join(" ");
    });
    // What the page cannot use, and what is no setting, does not stay in the address.
    history.replaceState(history.state, "", toHash(asked.settings));
    if (asked.play) train();
  });
}
