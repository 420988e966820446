import { signal } from "@preact/signals";

export type Place = "play" | "compare" | "how" | "speed";
export const place = signal<Place>("play");
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
