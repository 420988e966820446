import { computed } from "@preact/signals";
import { before } from "./earlier-runs.ts";
import { type Point, running } from "./state.ts";

/** The curve of the run before, where both are of one family and learn from the same: losses of others are on another scale. */
export const curveBefore = computed<readonly Point[] | undefined>(() => {
  const [last, now] = [before.value, running.value];
  return last && last.settings.family === now?.family && last.settings.data === now.data ? last.epochs : undefined;
});
