import { toHash } from "../lab/settings.ts";
import { settings } from "../lab/state.ts";
import { Actions, Figures } from "./actions.tsx";
import { Status } from "./header.tsx";

/** What an embedded page trains with, and the way to the whole page. */
export function TrainBar() {
  return (
    <section class="train-bar" aria-label="Training">
      <Actions />
      <Figures />
      <Status />
      <a href={`${location.pathname}${toHash(settings.value)}`} target="_blank" rel="noreferrer">
        Open in reparam
      </a>
    </section>
  );
}
