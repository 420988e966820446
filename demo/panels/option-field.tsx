import type { Option } from "../../src/models/options.ts";
import { inWords, spaced } from "../drawing/words.ts";
import { marked } from "../lab/marked.ts";

const LABELS: Readonly<Record<string, string>> = {
  latent: "Numbers in the code",
  hidden: "Hidden layers",
};

/** What an option of a family is called. */
export const labelOf = (name: string): string => LABELS[name] ?? spaced(name);

interface OptionFieldProps {
  readonly name: string;
  readonly option: Option<unknown>;
  readonly value: unknown;
  readonly set: (value: unknown) => void;
}

/** A family's option as what its statement says that it is: a word of several, widths, a whole number, or a number. */
export function OptionField({ name, option, value, set }: OptionFieldProps) {
  const label = labelOf(name);
  if (option.words) {
    return (
      <label class="field" title={option.help} data-marked={marked.value === name}>
        {label}
        <select value={String(value)} onChange={({ currentTarget }) => set(currentTarget.value)}>
          {option.words.map((word) => (
            <option key={word} value={word}>
              {inWords(word)}
            </option>
          ))}
        </select>
      </label>
    );
  }
  if (Array.isArray(option.default)) {
    const text = (value as number[]).join(", ");
    return (
      <label class="field" title={option.help} data-marked={marked.value === name}>
        {label}
        <input
          type="text"
          inputMode="numeric"
          value={text}
          size={Math.max(6, text.length)}
          onChange={({ currentTarget }) =>
            set(
              currentTarget.value
                .split(/[\s,]+/)
                .filter(Boolean)
                .map(Number),
            )
          }
        />
      </label>
    );
  }
  if (typeof option.default === "number") {
    const whole = option.integer;
    const now = value as number;
    return (
      <div class="field" title={option.help} data-marked={marked.value === name}>
        <span id={`label-${name}`}>{label}</span>
        {whole ? (
          <fieldset class="stepper" aria-labelledby={`label-${name}`}>
            <button type="button" aria-label={`Less: ${label}`} onClick={() => set(now - 1)}>
              −
            </button>
            <input
              type="text"
              inputMode="numeric"
              aria-labelledby={`label-${name}`}
              value={now}
              size={3}
              onChange={({ currentTarget }) => set(Number(currentTarget.value))}
            />
            <button type="button" aria-label={`More: ${label}`} onClick={() => set(now + 1)}>
              +
            </button>
          </fieldset>
        ) : (
          <input
            type="number"
            step="any"
            aria-labelledby={`label-${name}`}
            value={now}
            onChange={({ currentTarget }) => set(Number(currentTarget.value))}
          />
        )}
      </div>
    );
  }
  return null;
}
