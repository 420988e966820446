import { isKept } from "../lab/kept-run.ts";
import { stale } from "../lab/model.ts";
import { isFromFile } from "../lab/open-files.ts";
import { phase, running, settings, shown } from "../lab/state.ts";
import { familyTitle } from "./families.tsx";

/** What the map is of, where that is not what is set. */
export function standingWords(): string | undefined {
  const now = shown.value;
  if (!now || phase.value === "compiling") return undefined;
  if (stale.value) {
    const what = now.family === settings.value.family ? "run of before your changes" : `${familyTitle(now.family)} run`;
    return `Still the ${what}, until you start again.`;
  }
  const wanted = running.value !== undefined || ((isKept.value || isFromFile.value) && now === settings.value);
  return wanted ? undefined : `Trained before, to look at: ${familyTitle(now.family)}. Train begins yours.`;
}
