import { signal } from "@preact/signals";

export type Place = "play" | "compare" | "how" | "speed";
/** What an entry of the browser's history says of this page; undefined of one that is not the page's. */
const entry = (): { readonly place?: Place } | undefined => globalThis.history?.state ?? undefined;
/** Where one is; a reload returns there. */
export const place = signal<Place>(entry()?.place ?? "play");

/** Goes to a place; the browser's Back returns from it. */
export function go(to: Place): void {
  if (to === place.value) return;
  place.value = to;
  history.pushState({ place: to }, "");
}

/** Back and Forward go from place to place; what is set stays. `hash` is that of what is set. */
export function followHistory(hash: () => string): void {
  history.replaceState({ place: place.value }, "");
  addEventListener("popstate", () => {
    const there = entry()?.place;
    if (there === undefined) return; // another link in the address
    place.value = there;
    history.replaceState({ place: there }, "", hash());
  });
}

/** Which pane a phone shows under the map. */
export const pane = signal<"held" | "draw" | "curves" | "model">("held");
/** Whether the model's panel is open where there is no room for it beside the map. */
export const drawer = signal(false);
/** Whether the walk is shown again and again. */
export const looping = signal(false);
/** Whether the list of families is asked for. */
export const familiesAsked = signal(false);
/** Whether the share dialog is asked for. */
export const sharing = signal(false);
/** Whether the list of keys is asked for. */
export const keysAsked = signal(false);
