import { setOption } from "../lab/choose.ts";
import { examplesNamed } from "../lab/examples.ts";
import { statements } from "../lab/families.ts";
import { mark } from "../lab/marked.ts";
import { accepts, optionOf } from "../lab/settings.ts";
import { settings } from "../lab/state.ts";
import { go, pane } from "./place.ts";

/** A setting that is worth a try, and the words that set it. */
export interface Try {
  readonly option: string;
  readonly value: number;
  readonly words: string;
}

const TRIES: readonly Try[] = [
  { option: "latent", value: 10, words: "try 10 numbers" },
  { option: "klWeight", value: 8, words: "set β to 8" },
];

/** Those that the family takes and makes sense with, that are not set already, and of codes those that are shorter than an example. */
export const triesNow = (): readonly Try[] => {
  const now = settings.value;
  const { options } = statements[now.family];
  const { size } = examplesNamed(now.data);
  return TRIES.filter(
    ({ option, value }) =>
      options[option] &&
      accepts(options[option], value) &&
      value >= (options[option].sensibleFrom ?? 0) &&
      optionOf(now, option) !== value &&
      !(option === "latent" && Number(value) >= size),
  );
};

/** Words that are a button: they set a control, and show it with a ring; nothing trains before it is pressed. */
export function TryWords({ option, value, words }: Try) {
  return (
    <button
      type="button"
      class="link"
      onClick={() => {
        setOption(option, value);
        go("play");
        pane.value = "model";
        mark(option);
      }}
    >
      {words}
    </button>
  );
}

/** What to try next, on a phone. */
export function Tries() {
  const tries = triesNow();
  if (tries.length === 0) return null;
  return (
    <p class="tries">
      {tries.map((one) => (
        <TryWords key={one.option} {...one} />
      ))}
    </p>
  );
}
