import { useRef } from "preact/hooks";
import { alter } from "../lab/hold.ts";
import { held } from "../lab/state.ts";
import { telling } from "../lab/telling.ts";
import { numberName } from "./kl.tsx";
import { signed } from "./map.tsx";

/** Of wide codes, so many numbers are sliders. */
const MOST = 10;

/** The numbers of a code to pull, the most telling first; a double click returns one to where it was. */
export function Numbers({ code }: { readonly code: Float32Array }) {
  const origin = useRef(code);
  if (held.value?.kind !== "place") origin.current = code;
  const set = (number: number, value: number) => {
    const next = code.slice();
    next[number] = value;
    alter({ kind: "place", code: next });
  };
  return (
    <>
      <h2>
        Its numbers <small>most telling first</small>
      </h2>
      {telling.value.slice(0, MOST).map(({ number, asleep }) => (
        <label key={number} class="number" data-asleep={asleep}>
          <span>{numberName(number)}</span>
          <input
            type="range"
            min="-3"
            max="3"
            step="0.02"
            value={code[number]}
            style={fromMiddle(code[number])}
            onInput={({ currentTarget }) => set(number, Number(currentTarget.value))}
            onDblClick={() => set(number, origin.current[number] ?? 0)}
          />
          <output>{asleep ? "asleep" : signed(code[number])}</output>
        </label>
      ))}
    </>
  );
}

/** The part of the slider from 0 to a value, which is shown full. */
function fromMiddle(value: number) {
  const part = (100 * (Math.max(-3, Math.min(3, value)) + 3)) / 6;
  return { "--from": `${Math.min(50, part)}%`, "--to": `${Math.max(50, part)}%` };
}
