import { signal } from "@preact/signals";

export type Place = "play" | "compare" | "how" | "speed";
export const place = signal<Place>("play");
/** Which pane a phone shows under the map. */
export const pane = signal<"held" | "draw" | "curves" | "model">("held");
/** Whether the model's panel is open where there is no room for it beside the map. */
export const drawer = signal(false);
