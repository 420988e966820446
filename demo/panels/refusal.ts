import { grouped } from "../drawing/words.ts";
import { modelOf, weightsOf } from "../lab/model.ts";
import { accepts, optionNamed, type Settings } from "../lab/settings.ts";
import { valueWords } from "./families.tsx";
import { labelOf } from "./option-field.tsx";

/** A model of more weights is none for a page: in training each takes 16 bytes, beside all that is computed with them. */
const MOST_WEIGHTS = 50e6;

/** Why an option cannot be set to a value, and that it stays as it is, in a sentence; undefined where it can. */
export function refusalOf(now: Settings, name: string, value: unknown): string | undefined {
  const option = optionNamed(now.family, name)!;
  const stays = `it stays ${valueWords(now.options[name] ?? option.default)}`;
  if (!accepts(option, value)) return `${labelOf(name)} must be ${option.phrase}; ${stays}.`;
  const weights = weightsMade({ ...now, options: { ...now.options, [name]: value } });
  return weights <= MOST_WEIGHTS
    ? undefined
    : `That model would have ${millions(weights)} weights, and the most here are ${millions(MOST_WEIGHTS)}; ${stays}.`;
}

/** "50 million" */
const millions = (count: number): string => `${grouped(Math.round(count / 1e6))} million`;

/** None where no model is made: why is told where it is trained. */
function weightsMade(settings: Settings): number {
  try {
    return weightsOf(modelOf(settings));
  } catch {
    return 0;
  }
}
