import { useEffect, useState } from "preact/hooks";
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
  /** Sets it, or says in a sentence why it cannot be that. */
  readonly set: (value: unknown) => string | undefined;
}

/** A family's option as what its statement says that it is: a word of several, widths, a whole number, or a number. */
export function OptionField(props: OptionFieldProps) {
  const { name, option, value } = props;
  const [problem, setProblem] = useState("");
  useEffect(() => setProblem(""), [value]);
  const set = (next: unknown): string | undefined => {
    const refused = props.set(next);
    setProblem(refused ?? "");
    return refused;
  };
  const input = inputOf({ ...props, set });
  if (!input) return null;
  const Row = option.words || Array.isArray(option.default) ? "label" : "div";
  return (
    <>
      <Row class="field" title={option.help} data-marked={marked.value === name}>
        {input}
      </Row>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

function inputOf({ name, option, value, set }: OptionFieldProps) {
  const label = labelOf(name);
  /** What is typed, as a value; where it cannot be that, the value that stays stands there again. */
  const typed =
    (read: (text: string) => unknown) =>
    ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
      if (set(read(currentTarget.value))) currentTarget.value = wordsOf(value);
    };
  if (option.words) {
    return (
      <>
        {label}
        <select value={String(value)} onChange={({ currentTarget }) => set(currentTarget.value)}>
          {option.words.map((word) => (
            <option key={word} value={word}>
              {inWords(word)}
            </option>
          ))}
        </select>
      </>
    );
  }
  if (Array.isArray(option.default)) {
    const text = wordsOf(value);
    return (
      <>
        {label}
        <input
          type="text"
          inputMode="numeric"
          placeholder="none"
          value={text}
          size={Math.max(6, text.length)}
          onChange={typed((text) =>
            text
              .split(/[\s,[\]]+/)
              .filter(Boolean)
              .map(Number),
          )}
        />
      </>
    );
  }
  if (typeof option.default === "number") {
    const now = value as number;
    return (
      <>
        <span id={`label-${name}`}>{label}</span>
        {option.integer ? (
          <fieldset class="stepper" aria-labelledby={`label-${name}`}>
            <button type="button" aria-label={`Less: ${label}`} onClick={() => set(now - 1)}>
              −
            </button>
            <input
              type="text"
              inputMode="numeric"
              aria-labelledby={`label-${name}`}
              value={now}
              style={{ width: `calc(${Math.max(2, String(now).length)}ch + 12px)` }}
              onChange={typed(Number)}
            />
            <button type="button" aria-label={`More: ${label}`} onClick={() => set(now + 1)}>
              +
            </button>
          </fieldset>
        ) : (
          <input type="number" step="any" aria-labelledby={`label-${name}`} value={now} onChange={typed(Number)} />
        )}
      </>
    );
  }
  return undefined;
}

/** What stands in the box of a value. */
const wordsOf = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : String(value));
